package io.kafscale.app.node;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native code of the compression codecs. Their libraries unpack it into {@code java.io.tmpdir} when they are first used and remove it
 * when the process ends, which one that is killed never does: half a megabyte each time. Where the system keeps a file that is in
 * use after its name is gone, it is loaded at the start and the names removed. Stateless.
 */
final class NativeCodecs {
    private static final Logger LOG = LoggerFactory.getLogger(NativeCodecs.class);
    private static final Path MAPS = Path.of("/proc/self/maps");

    /** A file that is mapped and has its name still, one of those that the libraries give to what they unpack and to nothing else. */
    private static final Pattern UNPACKED =
            Pattern.compile("(/.*/(?:liblz4-java-[0-9]+|snappy-[0-9.]+-[0-9a-f-]{36}-libsnappyjava)\\.so)");

    private NativeCodecs() {}

    /** Loads all codecs, and removes what they unpacked to do so. */
    static void load() {
        for (CompressionType codec : CompressionType.values()) {
            try {
                use(codec);
            } catch (IOException | RuntimeException | LinkageError failed) {
                // A directory for temporary files that may not be written or executed from, for one.
                LOG.warn("Records compressed with {} cannot be served", codec.name, failed);
            }
        }
        try {
            for (Path file : unpacked()) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(Path.of(file + ".lck"));
            }
        } catch (IOException failed) {
            LOG.info(
                    "The native code of the compression codecs stays where it was unpacked until this process ends",
                    failed);
        }
    }

    private static void use(CompressionType codec) throws IOException {
        var compressed = new ByteBufferOutputStream(512);
        try (OutputStream out = Compression.of(codec).build().wrapForOutput(compressed, RecordBatch.MAGIC_VALUE_V2)) {
            out.write(codec.name.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The files that were unpacked for this process and are there still; none where that cannot be found out. */
    static Set<Path> unpacked() throws IOException {
        var found = new TreeSet<Path>();
        if (Files.isReadable(MAPS)) {
            for (String mapping : Files.readAllLines(MAPS)) {
                Matcher matcher = UNPACKED.matcher(mapping);
                if (matcher.find() && mapping.endsWith(matcher.group(1))) {
                    found.add(Path.of(matcher.group(1)));
                }
            }
        }
        return found;
    }
}
