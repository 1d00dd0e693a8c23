// Sends three records and reads them back with franz-go.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const topic = "orders-go"

func main() {
	bootstrap := os.Getenv("BOOTSTRAP")
	if bootstrap == "" {
		bootstrap = "127.0.0.1:9092"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := send(ctx, bootstrap); err != nil {
		log.Fatal(err)
	}
	if err := read(ctx, bootstrap); err != nil {
		log.Fatal(err)
	}
}

func send(ctx context.Context, bootstrap string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.DefaultProduceTopic(topic), kgo.AllowAutoTopicCreation())
	if err != nil {
		return err
	}
	defer client.Close()
	for number := 1; number <= 3; number++ {
		record := &kgo.Record{
			Key:   fmt.Appendf(nil, "customer-%d", number),
			Value: fmt.Appendf(nil, `{"order":%d}`, number),
		}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return err
		}
		fmt.Printf("sent to %s-%d@%d\n", record.Topic, record.Partition, record.Offset)
	}
	return nil
}

func read(ctx context.Context, bootstrap string) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumerGroup("billing-go"),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	for count := 0; count < 3; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			fmt.Printf("read offset %d: %s %s\n", record.Offset, record.Key, record.Value)
			count++
		})
	}
	return client.CommitUncommittedOffsets(ctx)
}
