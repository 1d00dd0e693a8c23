"""kafka-python, told by the tests what to do: see ScriptedClient for the words."""

import sys
import threading

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic


def say(*words):
    print(*words, flush=True)


def produce(bootstrap, topic, count, compression, _idempotent):
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", compression_type=None if compression == "none" else compression
    )
    sent = [producer.send(topic, key=b"key", value=str(i).encode()) for i in range(int(count))]
    for future in sent:
        future.get(timeout=60)
    producer.close()


def consume(bootstrap, topic, count):
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=60000)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    for record in consumer:
        say("record", record.partition, record.offset, record.value.decode())
        count = int(count) - 1
        if count == 0:
            break
    assert consumer.beginning_offsets([partition])[partition] == 0
    assert consumer.end_offsets([partition])[partition] == consumer.position(partition)
    consumer.close()


class Rebalances(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        say("assigned", *sorted(partition.partition for partition in assigned))


def member(bootstrap, topic, group):
    told_to_leave = threading.Event()

    def wait():
        sys.stdin.read()
        told_to_leave.set()

    threading.Thread(target=wait, daemon=True).start()
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest")
    consumer.subscribe([topic], listener=Rebalances())
    while not told_to_leave.is_set():
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                say("record", record.partition, record.offset, record.value.decode())
    consumer.close()


def admin(bootstrap, topic, existing_topic, existing_group):
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    client.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "3600000"})])
    assert topic in client.list_topics()
    described = client.describe_topics([topic])[0]
    assert described["error_code"] == 0 and len(described["partitions"]) == 2, described
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    assert configs(client, resource)["retention.ms"] == "3600000"
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "7200000"})])
    assert configs(client, resource)["retention.ms"] == "7200000"
    client.create_partitions({topic: NewPartitions(4)})
    assert len(client.describe_topics([topic])[0]["partitions"]) == 4
    offsets = client.list_consumer_group_offsets(existing_group)
    assert offsets[TopicPartition(existing_topic, 0)].offset == 5, offsets
    assert existing_group in [group[0] for group in client.list_consumer_groups()]
    assert client.describe_consumer_groups([existing_group])[0].state == "Empty"
    client.delete_consumer_groups([existing_group])
    assert existing_group not in [group[0] for group in client.list_consumer_groups()]
    client.delete_topics([topic])
    assert topic not in client.list_topics()
    client.close()


def configs(client, resource):
    entries = client.describe_configs([resource])[0].resources[0][4]
    return {entry[0]: entry[1] for entry in entries}


if __name__ == "__main__":
    {"produce": produce, "consume": consume, "member": member, "admin": admin}[sys.argv[1]](*sys.argv[2:])
    say("done")
