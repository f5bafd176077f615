package tofu.tests.rules;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tofu.tests.rigs.ChildProcess;

/// The layers of the architecture, and what each of them may use.
class ArchitectureTest {
    private static final String API = "tofu.api..";
    private static final String SPI = "tofu.spi..";
    private static final String POOL = "tofu.pool..";
    private static final String ENGINE = "tofu.engine..";
    private static final String CHANNEL = "tofu.engine.channel..";
    private static final String NET = "tofu.engine.net..";

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
                        "tofu.pool",
                        "tofu.engine",
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
                .resideInAnyPackage(POOL, ENGINE)
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

    @Test
    void theChannelLayerKnowsNoSocketAndNoNet() {
        noClasses()
                .that()
                .resideInAPackage(CHANNEL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.channels..", "java.net..", "java.io..", NET)
                .check(CLASSES);
    }

    @Test
    void theNetKnowsNoSlotsAndNoChannels() {
        noClasses()
                .that()
                .resideInAPackage(NET)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(POOL, CHANNEL, "tofu.engine")
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
    void timeIsAnArgumentInPoolChannelAndNet() {
        for (String method : new String[] {"nanoTime", "currentTimeMillis"}) {
            noClasses()
                    .that()
                    .resideInAnyPackage(API, SPI, POOL, CHANNEL, NET)
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
                .resideInAnyPackage(POOL, ENGINE)
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areTopLevelClasses()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(CLASSES);
    }
}
