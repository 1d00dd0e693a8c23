package io.kafscale.it.chaos;

/**
 * Something that goes wrong for a while.
 *
 * @param subject what is ill-treated: two troubles at a time are of different things
 * @param begin it goes wrong
 * @param end it goes wrong no more; what has to recover may still be at it
 */
record Trouble(String subject, Runnable begin, Runnable end) {}
