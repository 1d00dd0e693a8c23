package io.kafscale.metastore.etcd;

import io.kafscale.testkit.etcd.EtcdMember;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an administrator does from outside. */
final class EtcdAdministrator {
    /** A zero byte in base 64: as the first key and as the end of a range it means every key. */
    private static final String EVERYTHING = "AA==";

    private static final Pattern ALARM = Pattern.compile("\"memberID\":\"(\\d+)\",\"alarm\":\"NOSPACE\"");

    private EtcdAdministrator() {}

    static void deleteEverything(EtcdMember member) {
        member.call("/v3/kv/deleterange", "{\"key\":\"" + EVERYTHING + "\",\"range_end\":\"" + EVERYTHING + "\"}");
    }

    static void compact(EtcdMember member, long revision) {
        member.call("/v3/kv/compaction", "{\"revision\":" + revision + "}");
    }

    static void defragment(EtcdMember member) {
        member.call("/v3/maintenance/defragment", "{}");
    }

    /** Ends every alarm about space. */
    static void disarm(EtcdMember member) {
        Matcher alarms = ALARM.matcher(member.call("/v3/maintenance/alarm", "{\"action\":\"GET\"}"));
        while (alarms.find()) {
            member.call(
                    "/v3/maintenance/alarm",
                    "{\"action\":\"DEACTIVATE\",\"memberID\":\"" + alarms.group(1) + "\",\"alarm\":\"NOSPACE\"}");
        }
    }

    /** Asks for passwords from now on; {@code user} may read and write what begins with {@code prefix}. */
    static void enableAuthentication(EtcdMember member, EtcdSettings.Credentials user, String prefix) {
        addUser(member, "root", "root's password");
        addUser(member, user.user(), user.password());
        byte[] end = prefix.getBytes(StandardCharsets.UTF_8);
        end[end.length - 1]++;
        member.call(
                "/v3/auth/role/grant",
                "{\"name\":\"" + user.user() + "\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\""
                        + base64(prefix.getBytes(StandardCharsets.UTF_8)) + "\",\"range_end\":\"" + base64(end)
                        + "\"}}");
        member.call("/v3/auth/enable", "{}");
    }

    private static void addUser(EtcdMember member, String name, String password) {
        member.call("/v3/auth/user/add", "{\"name\":\"" + name + "\",\"password\":\"" + password + "\"}");
        member.call("/v3/auth/role/add", "{\"name\":\"" + name + "\"}");
        member.call("/v3/auth/user/grant", "{\"user\":\"" + name + "\",\"role\":\"" + name + "\"}");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
