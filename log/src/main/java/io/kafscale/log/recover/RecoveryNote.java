package io.kafscale.log.recover;

/**
 * Something that whoever runs a recovery should know. Immutable; any thread.
 *
 * @param subject what it is about: a topic, a partition, a stream, a key
 */
public record RecoveryNote(Kind kind, String subject, String text) {
    /** What a note means. */
    public enum Kind {
        /** Something that was acknowledged is missing or cannot be read. */
        DAMAGE,
        /** What only the metadata knew is gone, or older than it was. */
        LOST,
        /** As it should be. */
        DONE
    }

    static RecoveryNote damage(String subject, String text) {
        return new RecoveryNote(Kind.DAMAGE, subject, text);
    }

    static RecoveryNote lost(String subject, String text) {
        return new RecoveryNote(Kind.LOST, subject, text);
    }

    static RecoveryNote done(String subject, String text) {
        return new RecoveryNote(Kind.DONE, subject, text);
    }
}
