package tofu.tests.rules;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.tests.rigs.ChildProcess;

/// The layers of the architecture, and what each of them may use.
class ArchitectureTest {
    private static final String API = "tofu.api..";
    private static final String SPI = "tofu.spi..";
    private static final String POOL = "tofu.pool..";
    private static final String ENGINE = "tofu.engine..";
    private static final String LINK = "tofu.engine.link..";
    private static final String LOOP = "tofu.engine.loop..";
    private static final String CHANNEL = "tofu.engine.channel..";
    private static final String NET = "tofu.engine.net..";
    private static final String KIT = "tofu.kit..";
    private static final int MOST_IN_A_KNOT = 3;

    /// The product's classes, as they are loaded here.
    private static final JavaClasses CLASSES = imported();

    private static JavaClasses imported() {
        List<Location> locations = new ArrayList<>();
        for (Path root : ChildProcess.productRoots()) {
            URI uri = root.toUri();
            boolean isFolder = Files.isDirectory(root);
            locations.add(Location.of(isFolder ? uri : URI.create("jar:" + uri + "!/")));
        }
        return new ClassFileImporter().importLocations(locations);
    }

    @Test
    void allLayersAreLookedAt() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()))
                .contains(
                        "tofu.api",
                        "tofu.spi",
                        "tofu.kit",
                        "tofu.pool",
                        "tofu.engine",
                        "tofu.engine.link",
                        "tofu.engine.loop",
                        "tofu.engine.channel",
                        "tofu.engine.net");
    }

    @Test
    void theApiKnowsNothingElse() {
        noClasses()
                .that()
                .resideInAnyPackage(API, SPI)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(POOL, ENGINE, KIT)
                .check(CLASSES);
    }

    /// An application could have written it: on the public API alone, with the JDK's base.
    @Test
    void theKitUsesTheApiAndNothingElse() {
        classes()
                .that()
                .resideInAPackage(KIT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        KIT,
                        "tofu.api",
                        "org.jspecify.annotations",
                        "java.lang..",
                        "java.time..",
                        "java.util",
                        "java.util.concurrent..",
                        "java.util.function",
                        "java.util.stream")
                .check(CLASSES);
    }

    /// It is a module of its own that does, and that an image may lack.
    @Test
    void nothingHereKnowsJmx() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("javax.management..", "java.lang.management..")
                .check(CLASSES);
    }

    /// Its futures are completed by the thread that runs the dispatcher; no pool of the JDK's has a
    /// part in that.
    @Test
    void theKitHasNoThreadButTheDispatchers() {
        noClasses()
                .that()
                .resideInAPackage(KIT)
                .and()
                .doNotHaveSimpleName("Dispatcher")
                .should()
                .callMethod(Thread.class, "start")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.Builder.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ExecutorService.class)
                .check(CLASSES);
    }

    @Test
    void thePoolKnowsNoEngineNoSocketAndNoThreadOfItsOwn() {
        noClasses()
                .that()
                .resideInAPackage(POOL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINE, "java.net..", "java.nio.channels..")
                .check(CLASSES);
        // It may ask which thread calls, and let others go on; it has none of its own.
        noClasses()
                .that()
                .resideInAPackage(POOL)
                .should()
                .callMethod(Thread.class, "start")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.Builder.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executor.class)
                .check(CLASSES);
    }

    /// All arrows between the packages of the engine point downwards: what is not named here for a
    /// package, it may not use.
    @ParameterizedTest
    @CsvSource({
        "tofu.engine, tofu.engine.link tofu.engine.loop tofu.engine.channel tofu.engine.net",
        "tofu.engine.link, tofu.engine.loop tofu.engine.channel tofu.engine.net",
        "tofu.engine.loop, tofu.engine.net",
        "tofu.engine.channel, ''",
        "tofu.engine.net, ''"
    })
    void aPackageOfTheEngineUsesOnlyThoseBelowIt(String user, String used) {
        List<String> allowed = new ArrayList<>(List.of(used.split(" ")));
        allowed.add(user);
        classes()
                .that()
                .resideInAPackage(user)
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage(ENGINE)
                                .or(resideInAnyPackage(allowed.toArray(String[]::new))))
                .check(CLASSES);
    }

    /// But that of a service and that of the API whose objects the service makes.
    @Test
    void noPackagesUseEachOther() {
        slices().matching("tofu.(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(resideInAPackage(API), resideInAPackage(SPI))
                .check(CLASSES);
    }

    /// Files of the engine that all reach each other are read together or not at all.
    @Test
    void noKnotOfFilesInTheEngineIsLarge() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : CLASSES.that(resideInAPackage(ENGINE))) {
            Set<String> used = uses.computeIfAbsent(file(type), name -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(resideInAPackage(ENGINE))
                    .map(ArchitectureTest::file)
                    .forEach(used::add);
        }
        Map<String, Set<String>> reached = new TreeMap<>();
        uses.keySet().forEach(name -> reached.put(name, reachable(name, uses)));
        Set<Set<String>> knots = new LinkedHashSet<>();
        for (String name : uses.keySet()) {
            Set<String> knot = new TreeSet<>(reached.getOrDefault(name, Set.of()));
            knot.removeIf(other -> !reached.getOrDefault(other, Set.of()).contains(name));
            knot.add(name);
            knots.add(knot);
        }
        knots.removeIf(knot -> knot.size() == 1);
        System.out.println("files of the engine that all reach each other: " + knots);

        assertThat(knots).allMatch(knot -> knot.size() <= MOST_IN_A_KNOT);
    }

    private static String file(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private static Set<String> reachable(String from, Map<String, Set<String>> uses) {
        Set<String> seen = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            for (String next : uses.getOrDefault(open.remove(), Set.of())) {
                if (seen.add(next)) {
                    open.add(next);
                }
            }
        }
        return seen;
    }

    @Test
    void theChannelLayerKnowsNoSocket() {
        noClasses()
                .that()
                .resideInAPackage(CHANNEL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.channels..", "java.net..", "java.io..")
                .check(CLASSES);
    }

    @Test
    void theNetKnowsNoSlots() {
        noClasses()
                .that()
                .resideInAPackage(NET)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(POOL)
                .check(CLASSES);
    }

    @Test
    void theLoopKnowsNoMessagesAndNoOptions() {
        noClasses()
                .that()
                .resideInAPackage(LOOP)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(API, SPI, POOL)
                                .and(not(nameMatching("tofu\\.pool\\.StackRoom"))))
                .check(CLASSES);
    }

    @Test
    void onlyTheNetUsesSocketChannels() {
        classes()
                .that(resideInAPackage("tofu.."))
                .and(describe("use java.nio.channels", ArchitectureTest::usesSocketChannels))
                .should()
                .resideInAPackage(NET)
                .check(CLASSES);
    }

    private static boolean usesSocketChannels(JavaClass type) {
        return type.getDirectDependenciesFromSelf().stream()
                .anyMatch(d -> d.getTargetClass().getPackageName().equals("java.nio.channels"));
    }

    @Test
    void timeIsAnArgumentInPoolLinkChannelAndNet() {
        for (String method : new String[] {"nanoTime", "currentTimeMillis"}) {
            noClasses()
                    .that()
                    .resideInAnyPackage(API, SPI, POOL, LINK, CHANNEL, NET)
                    .and()
                    .doNotHaveSimpleName("ReceivedParts") // it receives, as applications do
                    .should()
                    .callMethod(System.class, method)
                    .check(CLASSES);
        }
        noClasses().should().callMethod(Instant.class, "now").check(CLASSES);
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .that()
                .resideInAPackage("tofu..")
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", Duration.class)
                .check(CLASSES);
    }

    @Test
    void nothingRestrictedOrUnsafeIsUsed() {
        noClasses()
                .that()
                .resideInAPackage("tofu..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("sun..", "jdk.internal..")
                                .or(nameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup)")))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .check(CLASSES);
    }

    @Test
    void classesOutsideTheApiAreFinalOrSealed() {
        classes()
                .that()
                .resideInAnyPackage(POOL, ENGINE, KIT)
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areTopLevelClasses()
                .and(describe("not sealed", type -> !type.reflect().isSealed()))
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(CLASSES);
    }
}
