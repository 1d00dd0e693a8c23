/**
 * The program: one launcher, one command per thing somebody wants done, and the wiring of a broker.
 *
 * <p>{@link io.kafscale.app.Kafscale} is the main class. Below it:
 *
 * <ul>
 *   <li>{@code settings}: what an operator may say and where; typed, with sources.
 *   <li>{@code cli}: what all commands share: output formats, errors, progress, logging.
 *   <li>{@code client}: commands that talk to a broker as any Kafka client would ({@code topic}, {@code produce}, {@code consume},
 *       {@code group}).
 *   <li>{@code inspect}: commands that read stored objects without a broker ({@code segment}, {@code wal}).
 *   <li>{@code node}: the {@code broker} command and what it starts. The only place in the program that picks a store.
 * </ul>
 *
 * <p>Commands run on the main thread. Data goes to standard output, everything said to the user to standard error. Exit codes: 0 done,
 * 1 failed, 2 wrong usage.
 */
@NullMarked
package io.kafscale.app;

import org.jspecify.annotations.NullMarked;
