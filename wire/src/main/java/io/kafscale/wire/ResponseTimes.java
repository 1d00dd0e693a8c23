package io.kafscale.wire;

/**
 * Where the time of one request went.
 *
 * @param handleNanos from the request's last byte to the handler's answer
 * @param queueNanos from there until the answers to earlier requests of the connection were written
 * @param sendNanos from there until the socket took the last byte
 */
public record ResponseTimes(long handleNanos, long queueNanos, long sendNanos) {
    /** From the request's last byte in to the response's last byte out. */
    public long totalNanos() {
        return handleNanos + queueNanos + sendNanos;
    }
}
