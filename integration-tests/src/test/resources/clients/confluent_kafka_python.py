"""confluent-kafka-python, told by the tests what to do: see ScriptedClient for the words."""

import sys
import threading

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic


def say(*words):
    print(*words, flush=True)


def produce(bootstrap, topic, count, compression, idempotent):
    failures = []
    acknowledged = []

    def delivered(error, message):
        if error is None:
            acknowledged.append(message.offset())
        else:
            failures.append(error)

    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": compression,
            "enable.idempotence": idempotent == "true",
        }
    )
    for i in range(int(count)):
        producer.produce(topic, key=b"key", value=str(i).encode(), on_delivery=delivered)
    assert producer.flush(60) == 0
    assert not failures, failures
    assert len(acknowledged) == int(count)


def consume(bootstrap, topic, count):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    for _ in range(int(count)):
        print_record(consumer.poll(60))
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0))
    assert (low, high) == (0, consumer.position([TopicPartition(topic, 0)])[0].offset), (low, high)
    consumer.close()


def print_record(record):
    assert record is not None, "no record within a minute"
    assert record.error() is None, record.error()
    say("record", record.partition(), record.offset(), record.value().decode())


def member(bootstrap, topic, group):
    told_to_leave = threading.Event()

    def wait():
        sys.stdin.read()
        told_to_leave.set()

    def assigned(_consumer, partitions):
        say("assigned", *sorted(partition.partition for partition in partitions))

    threading.Thread(target=wait, daemon=True).start()
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic], on_assign=assigned)
    while not told_to_leave.is_set():
        record = consumer.poll(0.2)
        if record is not None:
            print_record(record)
    consumer.close()


def admin(bootstrap, topic, existing_topic, existing_group):
    client = AdminClient({"bootstrap.servers": bootstrap})
    wait_for(client.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": "3600000"})]))
    metadata = client.list_topics(timeout=30)
    assert len(metadata.topics[topic].partitions) == 2, metadata.topics[topic]
    assert existing_topic in metadata.topics
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    assert wait_for(client.describe_configs([resource]))["retention.ms"].value == "3600000"
    resource.set_config("retention.ms", "7200000")
    wait_for(client.alter_configs([resource]))
    assert wait_for(client.describe_configs([resource]))["retention.ms"].value == "7200000"
    wait_for(client.create_partitions([NewPartitions(topic, 4)]))
    assert len(client.list_topics(topic, timeout=30).topics[topic].partitions) == 4
    groups = {group.id: group for group in client.list_groups(timeout=30)}
    assert groups[existing_group].state == "Empty", groups[existing_group].state
    wait_for(client.delete_topics([topic]))
    assert topic not in client.list_topics(timeout=30).topics


def wait_for(futures):
    (future,) = futures.values()
    return future.result(timeout=60)


if __name__ == "__main__":
    {"produce": produce, "consume": consume, "member": member, "admin": admin}[sys.argv[1]](*sys.argv[2:])
    say("done")
