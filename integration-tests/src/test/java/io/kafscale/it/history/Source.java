package io.kafscale.it.history;

/**
 * Who numbers records: a producer, for each partition from 0 on.
 *
 * @param producer its name, which no other producer of the history has
 * @param partition where the records go
 */
public record Source(String producer, int partition) {
    @Override
    public String toString() {
        return producer + "/" + partition;
    }
}
