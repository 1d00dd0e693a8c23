package io.kafscale.simulation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the program is asked to do. Immutable.
 *
 * @param seed the first seed; a fresh one if there is none
 * @param count most histories; no bound if there is none
 * @param time most time to spend
 * @param threads histories at a time, each on a thread of its own
 * @param keepGoing whether a violation does not end the run
 * @param lines how much of the trace of a history that breaks a rule is printed
 * @param traces where whole traces are written
 */
record SimulationOptions(
        OptionalLong seed,
        OptionalLong count,
        Optional<Duration> time,
        int threads,
        boolean keepGoing,
        int lines,
        Path traces) {
    static final String USAGE = """
            Simulates brokers over stores that fail, each history from one seed, and checks that no rule is broken.

              make sim                   fresh seeds for a minute
              make sim SEED=n            replays one history and keeps its trace
              make sim COUNT=n           that many histories; with SEED, from that seed on
              make sim TIME=seconds      for that long
              make sim ARGS="options"    any of these:

              --seed N         the first seed; fresh unless given
              --count N        how many histories; one if a seed is given and no time
              --time SECONDS   how long to go on; a minute if nothing else is given
              --threads N      histories at a time, one for each processor unless given
              --keep-going     go on after a violation, and count them
              --lines N        how many lines of the trace of a failed history are printed, 40 unless given
              --traces DIR     where whole traces are written, .make/simulation unless given

            It ends with 0 if no history broke a rule, 1 if one did, 2 if it does not understand what it is asked.
            """;

    /** Something in the arguments is not understood. */
    static final class Misunderstood extends Exception {
        private static final long serialVersionUID = 1;

        Misunderstood(String what) {
            super(what);
        }
    }

    static SimulationOptions parse(List<String> arguments, int processors) throws Misunderstood {
        var seed = OptionalLong.empty();
        var count = OptionalLong.empty();
        Optional<Duration> time = Optional.empty();
        int threads = processors;
        boolean keepGoing = false;
        int lines = 40;
        Path traces = Path.of(".make", "simulation");
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--seed" -> seed = OptionalLong.of(number(option, rest, Long.MIN_VALUE));
                case "--count" -> count = OptionalLong.of(number(option, rest, 1));
                case "--time" -> time = Optional.of(Duration.ofSeconds(number(option, rest, 1)));
                case "--threads" -> threads = Math.toIntExact(number(option, rest, 1));
                case "--keep-going" -> keepGoing = true;
                case "--lines" -> lines = Math.toIntExact(number(option, rest, 0));
                case "--traces" -> traces = Path.of(value(option, rest));
                default -> throw new Misunderstood("there is no option " + option);
            }
        }
        if (count.isEmpty() && time.isEmpty()) {
            if (seed.isPresent()) {
                count = OptionalLong.of(1);
            } else {
                time = Optional.of(Duration.ofMinutes(1));
            }
        }
        return new SimulationOptions(seed, count, time, threads, keepGoing, lines, traces);
    }

    private static String value(String option, Iterator<String> rest) throws Misunderstood {
        if (!rest.hasNext()) {
            throw new Misunderstood(option + " needs a value");
        }
        return rest.next();
    }

    private static long number(String option, Iterator<String> rest, long least) throws Misunderstood {
        String text = value(option, rest);
        try {
            long number = Long.parseLong(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException malformed) {
            // told below
        }
        throw new Misunderstood(
                option + " needs a number" + (least >= 0 ? " from " + least + " on" : "") + ", not " + text);
    }

    /** Whether one history is to be looked at closely. */
    boolean isReplay() {
        return seed.isPresent() && count.equals(OptionalLong.of(1));
    }
}
