package io.kafscale.log.read;

/**
 * How a reader comes to the place it reads.
 *
 * @param scanning it goes on where it stopped
 * @param readAhead how many blocks or objects behind those it needs are fetched too
 * @param pins keep what it reads
 */
record Access(boolean scanning, int readAhead, Pins pins) {}
