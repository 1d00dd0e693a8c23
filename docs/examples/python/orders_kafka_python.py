"""Sends three records and reads them back with kafka-python."""

import os

from kafka import KafkaConsumer, KafkaProducer

BOOTSTRAP = os.environ.get("BOOTSTRAP", "127.0.0.1:9092")
TOPIC = "orders-kafka-python"

producer = KafkaProducer(bootstrap_servers=BOOTSTRAP)
for number in (1, 2, 3):
    sent = producer.send(TOPIC, key=f"customer-{number}".encode(), value=f'{{"order":{number}}}'.encode())
    where = sent.get(timeout=30)
    print(f"sent to {where.topic}-{where.partition}@{where.offset}")
producer.close()

consumer = KafkaConsumer(
    TOPIC, bootstrap_servers=BOOTSTRAP, group_id="billing-kafka-python", auto_offset_reset="earliest"
)
for read, record in enumerate(consumer, start=1):
    print(f"read offset {record.offset}: {record.key.decode()} {record.value.decode()}")
    if read == 3:
        break
consumer.close()  # commits
