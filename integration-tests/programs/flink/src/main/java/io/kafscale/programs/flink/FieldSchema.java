package io.kafscale.programs.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.java.tuple.Tuple2;

/** One field of a row as UTF-8. A class, because the connector cannot tell the types of a lambda. */
final class FieldSchema implements SerializationSchema<Tuple2<String, String>> {
    private static final long serialVersionUID = 1;

    private final int field;

    FieldSchema(int field) {
        this.field = field;
    }

    @Override
    public byte[] serialize(Tuple2<String, String> row) {
        return row.<String>getField(field).getBytes(StandardCharsets.UTF_8);
    }
}
