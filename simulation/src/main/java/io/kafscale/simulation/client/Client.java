package io.kafscale.simulation.client;

import java.util.Optional;

/** A client of the broker. Confined to the simulation's one thread. */
public interface Client {
    /** Begins. */
    void start();

    /** Begins nothing new; what is under way goes on. */
    void stop();

    /** What it still waits for after it was stopped; empty if nothing. */
    Optional<String> unfinished();
}
