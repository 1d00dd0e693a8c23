package io.kafscale.wire;

import org.apache.kafka.common.utils.Time;

/** What the network threads of one server share. Every part is thread-safe. */
record ServerContext(
        ServerSettings settings,
        RequestHandler handler,
        RequestIntake intake,
        ResponseEncoder encoder,
        RequestMemory memory,
        ConnectionQuota quota,
        NetworkListener listener,
        ServerContext.Environment environment) {

    /** Clock and log. */
    record Environment(Time time, ThrottledLog log) {}

    Time time() {
        return environment.time();
    }

    ThrottledLog log() {
        return environment.log();
    }
}
