"""Sends three records and reads them back with confluent-kafka (librdkafka)."""

import os

from confluent_kafka import Consumer, Producer

BOOTSTRAP = os.environ.get("BOOTSTRAP", "127.0.0.1:9092")
TOPIC = "orders-confluent-kafka"


def delivered(error, record):
    if error:
        raise RuntimeError(error)
    print(f"sent to {record.topic()}-{record.partition()}@{record.offset()}")


producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": True})
for number in (1, 2, 3):
    producer.produce(TOPIC, key=f"customer-{number}", value=f'{{"order":{number}}}', on_delivery=delivered)
producer.flush()

consumer = Consumer(
    {"bootstrap.servers": BOOTSTRAP, "group.id": "billing-confluent-kafka", "auto.offset.reset": "earliest"}
)
consumer.subscribe([TOPIC])
read = 0
while read < 3:
    record = consumer.poll(1.0)
    if record is None:
        continue
    if record.error():
        raise RuntimeError(record.error())
    print(f"read offset {record.offset()}: {record.key().decode()} {record.value().decode()}")
    read += 1
consumer.close()  # commits
