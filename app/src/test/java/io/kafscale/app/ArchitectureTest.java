package io.kafscale.app;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The shape of the code: which module may see which, and what the core must not call. */
@AnalyzeClasses(
        packages = "io.kafscale",
        importOptions = {ImportOption.DoNotIncludeTests.class})
class ArchitectureTest {
    /** Each module with what it may see of the others. An arrow that is not here does not exist. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            entry("format", List.of()),
            entry("runtime", List.of()),
            entry("objectstore", List.of("runtime")),
            entry("objectstore.s3", List.of("runtime", "objectstore")),
            entry("metastore", List.of("runtime")),
            entry("metastore.etcd", List.of("runtime", "metastore")),
            entry("log", List.of("format", "runtime", "objectstore", "metastore")),
            entry("coordinator", List.of("runtime", "metastore")),
            entry("wire", List.of("runtime")),
            entry("broker", List.of("format", "runtime", "objectstore", "metastore", "log", "coordinator", "wire")),
            entry(
                    "app",
                    List.of(
                            "format",
                            "runtime",
                            "objectstore",
                            "objectstore.s3",
                            "metastore",
                            "metastore.etcd",
                            "log",
                            "coordinator",
                            "wire",
                            "broker")));

    /** Modules inside of the package of their port. */
    private static final List<String> ADAPTERS = List.of("objectstore.s3", "metastore.etcd");

    private static final String[] KAFKA_FREE = {
        "io.kafscale.format..",
        "io.kafscale.runtime..",
        "io.kafscale.objectstore..",
        "io.kafscale.metastore..",
        "io.kafscale.log.."
    };

    /** Starts no thread, reads no clock, draws no random number: what the simulator runs. */
    private static final String[] CORE = {"io.kafscale.format..", "io.kafscale.log..", "io.kafscale.metastore.cluster.."
    };

    /** Where the real clock is: everything else is given a TimeSource. */
    private static final String[] CLOCKS = {"io.kafscale.runtime..", "io.kafscale.app.."};

    @ArchTest
    static final ArchTests arrowsGoDownward = ArchTests.in(Arrows.class);

    @ArchTest
    static final ArchRule theCoreKnowsNoKafkaClass = noClasses()
            .that()
            .resideInAnyPackage(KAFKA_FREE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule theFormatIsForEverybodyToEmbed = noClasses()
            .that()
            .resideInAPackage("io.kafscale.format..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("java..", "org.jspecify..", "io.kafscale.format..");

    @ArchTest
    static final ArchRule typesOfTheAwsSdkStayInTheirAdapter = noClasses()
            .that()
            .resideOutsideOfPackage("io.kafscale.objectstore.s3..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..");

    @ArchTest
    static final ArchRule typesOfGrpcAndEtcdStayInTheirAdapter = noClasses()
            .that()
            .resideOutsideOfPackage("io.kafscale.metastore.etcd..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.grpc..", "io.netty..", "com.google.protobuf..", "io.kafscale.metastore.etcd.proto..");

    @ArchTest
    static final ArchRule onlyTheProgramKnowsItsCommandLineAndItsLoggingBackEnd = noClasses()
            .that()
            .resideOutsideOfPackage("io.kafscale.app..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "ch.qos.logback..");

    @ArchTest
    static final ArchRule timeIsGivenNotRead = noClasses()
            .that()
            .resideOutsideOfPackages(CLOCKS)
            .should()
            .accessTargetWhere(calls("java.lang.System", "nanoTime|currentTimeMillis")
                    .or(calls("java.time.(Instant|LocalDateTime|ZonedDateTime|OffsetDateTime|Clock)", "now|system.*"))
                    .or(calls("java.lang.Thread", "sleep"))
                    .as("the system's clock, or sleep"))
            .because("time comes from io.kafscale.runtime.TimeSource, waiting from EventLoop.schedule");

    @ArchTest
    static final ArchRule chanceIsGivenNotDrawn = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .accessTargetWhere(calls("java.util.concurrent.ThreadLocalRandom", ".*")
                    .or(calls("java.util.(Random|SplittableRandom)|java.security.SecureRandom", "<init>"))
                    .or(calls("java.lang.Math|java.lang.StrictMath", "random"))
                    .or(calls("java.util.UUID", "randomUUID"))
                    .as("a source of chance of its own"))
            .because("one seed must replay it: it is given a RandomGenerator");

    @ArchTest
    static final ArchRule theCoreStartsNoThread = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .accessTargetWhere(calls("java.lang.Thread", "<init>|of.*|start.*")
                    .or(calls("java.util.concurrent.(Executors|ForkJoinPool|.*ThreadPoolExecutor|Timer)", ".*"))
                    .or(calls("java.util.concurrent.CompletableFuture", "delayedExecutor|orTimeout|completeOnTimeout"))
                    .as("threads"))
            .because("it runs on the event loop that it is given");

    @ArchTest
    static final ArchRule classesAreNamedForWhatTheyAre = noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Common");

    /** One rule per module, so that a failure names the arrow. */
    static final class Arrows {
        @ArchTest
        static final ArchRule format = onlySeesWhatItMay("format");

        @ArchTest
        static final ArchRule runtime = onlySeesWhatItMay("runtime");

        @ArchTest
        static final ArchRule objectstore = onlySeesWhatItMay("objectstore");

        @ArchTest
        static final ArchRule s3 = onlySeesWhatItMay("objectstore.s3");

        @ArchTest
        static final ArchRule metastore = onlySeesWhatItMay("metastore");

        @ArchTest
        static final ArchRule etcd = onlySeesWhatItMay("metastore.etcd");

        @ArchTest
        static final ArchRule log = onlySeesWhatItMay("log");

        @ArchTest
        static final ArchRule coordinator = onlySeesWhatItMay("coordinator");

        @ArchTest
        static final ArchRule wire = onlySeesWhatItMay("wire");

        @ArchTest
        static final ArchRule broker = onlySeesWhatItMay("broker");

        @ArchTest
        static final ArchRule app = onlySeesWhatItMay("app");

        private Arrows() {}
    }

    private static ArchRule onlySeesWhatItMay(String module) {
        var forbidden = new ArrayList<>(ARROWS.keySet());
        forbidden.remove(module);
        forbidden.removeAll(ARROWS.getOrDefault(module, List.of()));
        return noClasses()
                .that(livesIn(module))
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "live in one of " + forbidden,
                        found -> forbidden.stream()
                                .anyMatch(other -> livesIn(other).test(found))))
                .as("module " + module + " sees at most " + ARROWS.get(module));
    }

    /** Whether a class is of a module; an adapter is a module of its own inside of the package of another. */
    private static DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass> livesIn(String module) {
        return DescribedPredicate.describe("live in " + module, found -> {
            String name = found.getPackageName() + ".";
            boolean ofAnAdapter =
                    ADAPTERS.stream().anyMatch(adapter -> name.startsWith("io.kafscale." + adapter + "."));
            return name.startsWith("io.kafscale." + module + ".") && (ofAnAdapter == ADAPTERS.contains(module));
        });
    }

    /** A call of, or reference to, a method whose class and name match. */
    private static DescribedPredicate<JavaAccess<?>> calls(String classes, String methods) {
        return target(nameMatching(methods))
                .and(target(owner(nameMatching(classes))))
                .forSubtype();
    }
}
