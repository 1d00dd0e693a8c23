package io.kafscale.app.client;

import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.TextTable;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.GroupListing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kafscale group list}. */
@Command(
        name = "list",
        description = "List the groups.",
        footerHeading = "%nExamples:%n",
        footer = {"  kafscale group list", "  kafscale group list --output json"})
final class GroupListCommand implements Callable<Integer> {
    /** One line of the output. */
    record View(String group, String type, String protocol, String state) {}

    @Mixin
    private ClientOptions client;

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        try (var broker = client.open()) {
            var groups =
                    broker.await("listing groups", broker.admin().listGroups().all());
            var views = groups.stream()
                    .map(GroupListCommand::view)
                    .sorted(Comparator.comparing(View::group))
                    .toList();
            output.print(views, (rows, out) -> table(rows).print(out));
        }
        return 0;
    }

    private static View view(GroupListing group) {
        return new View(
                group.groupId(),
                group.type().map(Object::toString).orElse("unknown"),
                group.protocol(),
                group.groupState().map(Object::toString).orElse("unknown"));
    }

    private static TextTable table(List<View> rows) {
        var table = new TextTable("GROUP", "TYPE", "PROTOCOL", "STATE");
        rows.forEach(row -> table.row(row.group(), row.type(), row.protocol(), row.state()));
        return table;
    }
}
