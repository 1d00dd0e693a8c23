package io.kafscale.coordinator;

import static io.kafscale.coordinator.TestBroker.await;
import static io.kafscale.coordinator.TestBroker.context;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClassicGroupTest {
    private static final GroupTopic ORDERS = new GroupTopic(Uuid.randomUuid(), "orders", 2);

    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private final TestBroker broker = TestBroker.leader(1, store, ORDERS);

    @AfterEach
    void close() {
        broker.close();
    }

    private static String assignment(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A stable group of one. */
    private JoinGroupResponseData alone(String group) {
        JoinGroupResponseData joined = await(broker.joinFresh(group));
        assertThat(joined.errorCode()).isZero();
        await(broker.sync(group, joined, List.of(joined.memberId())));
        return joined;
    }

    @Test
    void membersJoinSyncBeatAndLeave() {
        JoinGroupResponseData first = alone("g");
        assertThat(broker.heartbeat("g", first.memberId(), first.generationId()))
                .isEqualTo(Errors.NONE);

        var second = broker.joinFresh("g");
        TestBroker.until(
                "the first member hears of the second",
                () -> broker.heartbeat("g", first.memberId(), first.generationId()) == Errors.REBALANCE_IN_PROGRESS);
        JoinGroupResponseData rejoined = await(broker.join("g", first.memberId(), null));
        JoinGroupResponseData joined = await(second);
        assertThat(rejoined.generationId()).isEqualTo(first.generationId() + 1).isEqualTo(joined.generationId());
        var follower = broker.sync("g", joined, List.of());
        var leader = broker.sync("g", rejoined, List.of(first.memberId(), joined.memberId()));
        assertThat(assignment(await(leader).assignment())).isEqualTo(first.memberId());
        assertThat(assignment(await(follower).assignment())).isEqualTo(joined.memberId());

        var leave = new LeaveGroupRequestData().setGroupId("g");
        leave.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(joined.memberId()));
        assertThat(await(broker.host.operations().leaveGroup(context(ApiKeys.LEAVE_GROUP), leave))
                        .errorCode())
                .isZero();
        assertThat(broker.heartbeat("g", joined.memberId(), joined.generationId()))
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aStaticMemberComesBackWithoutARebalance() {
        JoinGroupResponseData first = await(broker.join("g", "", "instance-1"));
        assertThat(first.errorCode()).isZero();
        await(broker.sync("g", first, List.of(first.memberId())));
        JoinGroupResponseData again = await(broker.join("g", "", "instance-1"));
        assertThat(again.errorCode()).isZero();
        assertThat(again.generationId()).isEqualTo(first.generationId());
        assertThat(again.memberId()).isNotEqualTo(first.memberId());
        assertThat(assignment(await(broker.sync("g", again, List.of())).assignment()))
                .isEqualTo(first.memberId());
        assertThat(broker.heartbeat("g", again.memberId(), again.generationId()))
                .isEqualTo(Errors.NONE);
    }

    @Test
    void groupsAreListedAndDescribed() {
        JoinGroupResponseData member = alone("g");
        var listed =
                await(broker.host.operations().listGroups(context(ApiKeys.LIST_GROUPS), new ListGroupsRequestData()));
        assertThat(listed.groups()).singleElement().satisfies(group -> {
            assertThat(group.groupId()).isEqualTo("g");
            assertThat(group.groupState()).isEqualTo("Stable");
        });
        var described =
                await(broker.host.operations().describeGroups(context(ApiKeys.DESCRIBE_GROUPS), List.of("g", "none")));
        assertThat(described).hasSize(2);
        assertThat(described.stream()
                        .filter(group -> group.groupId().equals("g"))
                        .toList())
                .singleElement()
                .satisfies(group ->
                        assertThat(group.members().getFirst().memberId()).isEqualTo(member.memberId()));
    }

    @Test
    void aCommitOfAnotherGenerationIsRefused() {
        JoinGroupResponseData member = alone("g");
        int generation = member.generationId();
        assertThat(await(broker.commit("g", member.memberId(), generation, ORDERS, 0, 5)))
                .isEqualTo(Errors.NONE);
        assertThat(await(broker.commit("g", member.memberId(), generation + 1, ORDERS, 0, 9)))
                .isEqualTo(Errors.ILLEGAL_GENERATION);
        assertThat(await(broker.commit("g", "somebody", generation, ORDERS, 0, 9)))
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(broker.committed("g", ORDERS, 0)).isEqualTo(5);
    }

    @Test
    void heartbeatsWriteNothing() {
        JoinGroupResponseData member = alone("g");
        long before = store.commits();
        for (int i = 0; i < 100; i++) {
            assertThat(broker.heartbeat("g", member.memberId(), member.generationId()))
                    .isEqualTo(Errors.NONE);
        }
        assertThat(store.commits()).isEqualTo(before);
    }

    @Test
    void aGroupThatIsInUseIsNotDeletedAndAnEmptyOneLeavesNothing() {
        JoinGroupResponseData member = alone("g");
        assertThat(await(broker.commit("g", member.memberId(), member.generationId(), ORDERS, 0, 5)))
                .isEqualTo(Errors.NONE);
        assertThat(delete("g")).isEqualTo(Errors.NON_EMPTY_GROUP);
        var leave = new LeaveGroupRequestData().setGroupId("g");
        leave.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(member.memberId()));
        await(broker.host.operations().leaveGroup(context(ApiKeys.LEAVE_GROUP), leave));
        assertThat(delete("g")).isEqualTo(Errors.NONE);
        assertThat(delete("g")).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(records()).isEmpty();
    }

    private Errors delete(String group) {
        var result = await(broker.host.operations().deleteGroups(context(ApiKeys.DELETE_GROUPS), List.of(group)));
        return Errors.forCode(result.find(group).errorCode());
    }

    private List<String> records() {
        return store.list("/kafscale/test/groups/").keys().stream()
                .map(key -> key.key())
                .filter(key -> key.contains("/r/") || key.contains("/w/"))
                .toList();
    }
}
