package io.kafscale.app.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns under a heading. Filled and printed on one thread. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** A table with these column titles. */
    public TextTable(String... titles) {
        rows.add(List.of(titles));
    }

    /** Adds a row, a cell for each column. */
    public TextTable row(Object... cells) {
        var texts = new ArrayList<String>();
        for (Object cell : cells) {
            texts.add(String.valueOf(cell));
        }
        if (texts.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException(texts.size() + " cells for the columns " + rows.getFirst());
        }
        rows.add(texts);
        return this;
    }

    /** Prints title and rows. */
    public void print(PrintWriter out) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i))
                        .repeat(' ', widths[i] - row.get(i).length())
                        .append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
