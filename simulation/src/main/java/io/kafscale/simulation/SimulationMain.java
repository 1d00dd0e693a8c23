package io.kafscale.simulation;

/** placeholder */
public final class SimulationMain {
    private SimulationMain() {}

    /** Runs. */
    public static void main(String[] args) {
        long first = Long.parseLong(args[0]);
        int count = Integer.parseInt(args[1]);
        int lines = args.length > 2 ? Integer.parseInt(args[2]) : 0;
        for (long seed = first; seed < first + count; seed++) {
            HistoryResult result = new History(seed, lines).run();
            System.out.println(seed + " events " + result.events() + " obs " + result.observations() + " req "
                    + result.requests() + " " + result.lasted() + " " + Long.toHexString(result.traceHash()));
            result.trace().forEach(System.out::println);
            result.violation().ifPresent(v -> {
                System.out.println(v);
                if (v.getCause() != null) {
                    v.getCause().printStackTrace(System.out);
                }
            });
        }
    }
}
