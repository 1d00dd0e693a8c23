# Everything there is to do with this project. `make` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh

MVN := sh scripts/mvn.sh

# Options of `make run`, such as ARGS="--set listen=127.0.0.1:9192".
ARGS =
# One seed of `make sim` to replay; how many histories; for how many seconds.
SEED =
COUNT =
TIME =

##@ Run
.PHONY: run cluster build
run: ## build what has changed and run a broker on 127.0.0.1:9092 that stores into ./data (ARGS="--set key=value")
	@trap : INT; ./kafscale broker $(ARGS) || [ $$? -eq 130 ] # Ctrl-C is no failure

cluster: ## three brokers on 127.0.0.1:9092 to 9094, with an etcd and an S3 server, until Ctrl-C; stores into ./data-cluster
	@trap : INT; sh scripts/cluster.sh || [ $$? -eq 130 ] # Ctrl-C is no failure

build: ## build the program into app/target; does nothing if nothing has changed
	@sh scripts/build.sh

##@ Test
.PHONY: test test-unit test-tools test-produce-consume test-consumer-group test-ecosystem test-cluster chaos sim sim-mutations bench bench-partitions
test: test-tools build ## install what the tests need, and run all tests but those of the ecosystem and of whole clusters
	$(MVN) -fae verify

test-unit: ## the tests that need no tools and no other process: seconds per module
	$(MVN) test -pl '!integration-tests,!metastore-etcd'

test-tools: ## install what the tests need: etcd, kcat, Python and Node clients
	@sh scripts/install-test-tools.sh

test-produce-consume: test-tools build ## produce and consume with every client
	$(MVN) verify -pl integration-tests -am -Dtest=ProduceConsumeIT -Dsurefire.failIfNoSpecifiedTests=false

test-consumer-group: test-tools build ## consumer groups: members, rebalances, offsets
	$(MVN) verify -pl integration-tests -am -Dtest=ConsumerGroupIT -Dsurefire.failIfNoSpecifiedTests=false

test-ecosystem: ## Kafka Streams, Connect, Flink, Spark: minutes, and downloads them
	$(MVN) verify -pl integration-tests -am -Decosystem -Dtest='*EcosystemIT' -Dtests.groups=ecosystem -Dtests.excludedGroups= \
		-Dsurefire.failIfNoSpecifiedTests=false

test-cluster: test-tools build ## clusters of processes that fail over, hand over, lose their stores: a quarter of an hour
	$(MVN) verify -pl integration-tests -am -Dtest='*IT' -Dtests.groups=cluster -Dtests.excludedGroups= \
		-Dsurefire.failIfNoSpecifiedTests=false

chaos: test-tools build ## ill-treat a cluster of processes for twenty minutes (SEED=n repeats a run's choices, TIME=seconds)
	@seed=$(or $(SEED),$$(date +%s)); echo "make chaos SEED=$$seed repeats this run's choices"; \
	$(MVN) -q verify -pl integration-tests -am -Dtest=ChaosIT -Dtests.groups=cluster -Dtests.excludedGroups= \
		-Dsurefire.failIfNoSpecifiedTests=false \
		-Dchaos.seed=$$seed -Dchaos.seconds=$(or $(TIME),1200) && grep -h '^chaos' integration-tests/target/surefire-reports/io.kafscale.it.chaos.ChaosIT-output.txt

sim: ## simulate brokers over failing stores for a minute (SEED=n replays one history, COUNT=n, TIME=seconds)
	@sh scripts/sim.sh $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT)) $(if $(TIME),--time $(TIME)) $(ARGS)

sim-mutations: ## break the safety rules of the log on purpose, one by one, and see that the simulation notices each
	@sh simulation/mutations/run.sh $(ARGS)

bench: build ## measure this broker and Apache Kafka on this machine; writes docs/benchmarks.md
	@sh benchmarks/run.sh

bench-partitions: ## what 10,000 partitions cost three brokers on this machine: eight minutes; ARGS="1000 20" for fewer
	@sh benchmarks/partitions.sh $(ARGS)

##@ Write
.PHONY: check format docs clean help
# As far as "package": a module is compiled again whenever what it depends on is a jar where it was classes before, or the other way.
check: ## what must hold before a commit: format, compiler with static analysis as errors, arrows and banned calls
	$(MVN) -q spotless:check -Decosystem
	$(MVN) package -Dtest='ArchitectureTest,SourceTreeTest' -Dsurefire.failIfNoSpecifiedTests=false

format: ## format all sources
	$(MVN) -q spotless:apply -Decosystem

docs: build ## write the generated pages of docs/ anew
	@mkdir -p .make && ./kafscale config --reference > .make/configuration.md && mv .make/configuration.md docs/configuration.md
	$(MVN) -q test -pl broker -am -Dtest=ProtocolPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dkafscale.docs.write=true

clean: ## remove what was built (./data stays)
	rm -rf .make
	$(MVN) -q clean

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
