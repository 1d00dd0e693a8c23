package io.kafscale.simulation.client;

import java.time.Duration;

/**
 * What an administrator does and how often.
 *
 * @param topics how many topics there are at the start
 * @param partitions most partitions of a topic at the start
 * @param interval how long it takes on average until it does something
 * @param deletions the share of its acts that delete a topic
 * @param retention the share of topics with bounds of each kind
 */
public record AdministratorSettings(
        int topics, int partitions, Duration interval, double deletions, double retention) {}
