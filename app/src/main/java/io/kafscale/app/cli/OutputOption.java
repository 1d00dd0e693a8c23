package io.kafscale.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.util.function.BiConsumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --output text|json}, and printing accordingly. Mixed into every command that prints data; main thread. */
public final class OutputOption {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The formats there are. */
    public enum Format {
        /** For people. */
        text,
        /** For programs. */
        json
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "How to print: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.text;

    /** The format asked for. */
    public Format format() {
        return format;
    }

    /** Standard output. */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Prints {@code data} as one indented JSON document, or lets {@code asText} print it. */
    public <T> void print(T data, BiConsumer<T, PrintWriter> asText) {
        if (format == Format.json) {
            out().println(write(JSON.writer(SerializationFeature.INDENT_OUTPUT), data));
        } else {
            asText.accept(data, out());
        }
        out().flush();
    }

    /** {@code data} as JSON on one line. */
    public static String jsonLine(Object data) {
        return write(JSON.writer(), data);
    }

    private static String write(ObjectWriter writer, Object data) {
        try {
            return writer.writeValueAsString(data);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a view that is no JSON: " + data.getClass(), impossible);
        }
    }
}
