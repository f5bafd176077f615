package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.spi.AmpeProvider;

/// Several providers are tried with a copy of the API in a class loader of its own: the one of the
/// tests sees none.
class AmpeTest {
    @TempDir private Path services;

    @Test
    void openingWithoutAProviderFailsLoudly() {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(Ampe::open)
                .withMessageStartingWith(
                        "NOT_ALLOWED: exactly one AmpeProvider is needed, found []; class loaders"
                                + " asked: ["
                                + Ampe.class.getClassLoader())
                .returns(Status.NOT_ALLOWED, AmpeException::status);
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> Ampe.open(Options.defaults()))
                .withMessageContaining("found []");
    }

    @Test
    void openingWithTwoProvidersFailsAndNamesThem() throws Exception {
        try (URLClassLoader loader = withProviders(Refusing.class, Another.class)) {
            assertThatThrownBy(() -> open(loader))
                    .hasToString(
                            "tofu.api.AmpeException: NOT_ALLOWED: exactly one AmpeProvider is"
                                    + " needed, found [%s, %s]; class loaders asked: [%s]",
                            Refusing.class.getName(), Another.class.getName(), loader);
        }
    }

    @Test
    void theOnlyProviderIsGivenTheOptions() throws Exception {
        try (URLClassLoader loader = withProviders(Refusing.class)) {
            assertThatThrownBy(() -> open(loader))
                    .hasToString(
                            "tofu.api.AmpeException: NOT_IMPLEMENTED_YET: " + Options.defaults());
        }
    }

    @Test
    void anEngineThatDoesNotCountSaysSo() {
        Class<?>[] api = {Ampe.class};
        Object foreign =
                Proxy.newProxyInstance(
                        Ampe.class.getClassLoader(), api, InvocationHandler::invokeDefault);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(((Ampe) foreign)::statistics);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no.such.Provider",
                "tofu.api.AmpeTest",
                "not a class name!",
                "tofu.api.AmpeTest$ThrowingError",
                "tofu.api.AmpeTest$ThrowingException",
                "tofu.api.AmpeTest$LackingAClass",
                "tofu.api.AmpeTest$NoInstance",
            })
    void aBrokenProviderIsNamedWithItsCause(String broken) throws Exception {
        try (URLClassLoader loader = withProviders(List.of(broken))) {
            assertThatThrownBy(() -> open(loader))
                    .hasMessageStartingWith("NOT_ALLOWED: ")
                    .hasMessageContaining("found [], and broken ones: [")
                    .hasMessageContaining("class loaders asked: [" + loader)
                    .hasCauseInstanceOf(Error.class)
                    .extracting(Throwable::getCause)
                    .asString()
                    .containsAnyOf(broken, "Illegal configuration-file syntax");
        }
    }

    @Test
    void brokenProvidersDoNotHideAGoodOne() throws Exception {
        List<String> names =
                List.of(
                        "no.such.Provider",
                        "tofu.api.AmpeTest$ThrowingError",
                        Refusing.class.getName(),
                        "tofu.api.AmpeTest$LackingAClass");
        try (URLClassLoader loader = withProviders(names)) {
            assertThatThrownBy(() -> open(loader)).hasMessageStartingWith("NOT_IMPLEMENTED_YET");
        }
    }

    @Test
    void eachOfSeveralBrokenProvidersIsNamed() throws Exception {
        List<String> names = List.of("no.such.Provider", "no.such.Other");
        try (URLClassLoader loader = withProviders(names)) {
            assertThatThrownBy(() -> open(loader))
                    .hasMessageContainingAll("no.such.Provider", "no.such.Other")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        }
    }

    @Test
    void aLoaderThatCanReadNothingEndsTheSearch() throws Exception {
        URL[] path = {rootOf(Ampe.class), rootOf(AmpeTest.class)};
        try (URLClassLoader loader = new Unreadable(path)) {
            assertThatThrownBy(() -> open(loader))
                    .hasMessageStartingWith("NOT_ALLOWED: ")
                    .hasStackTraceContaining("the disk is gone");
        }
    }

    @Test
    void aProviderThatLacksAClassWhenItOpensIsNamed() throws Exception {
        try (URLClassLoader loader = withProviders(LackingLater.class)) {
            assertThatThrownBy(() -> open(loader))
                    .hasMessageStartingWith("NOT_ALLOWED: " + LackingLater.class.getName())
                    .hasMessageContaining("tofu/pool/Gone")
                    .hasCauseInstanceOf(NoClassDefFoundError.class);
        }
    }

    @Test
    void aProviderWithoutAnEngineIsNamed() throws Exception {
        try (URLClassLoader loader = withProviders(Empty.class)) {
            assertThatThrownBy(() -> open(loader))
                    .hasMessage("NOT_ALLOWED: " + Empty.class.getName() + " gave no engine");
        }
    }

    @Test
    void theContextClassLoaderIsAskedWhenTheOwnOneHasNone() throws Exception {
        try (URLClassLoader loader = withProviders(List.of());
                URLClassLoader child =
                        new URLClassLoader(
                                new URL[] {folderOf(List.of(Refusing.class.getName()))}, loader);
                URLClassLoader empty = new URLClassLoader(new URL[0], loader)) {
            assertThatThrownBy(() -> openWithin(child, loader))
                    .hasMessageStartingWith("NOT_IMPLEMENTED_YET");
            assertThatThrownBy(() -> openWithin(empty, loader))
                    .hasMessageContaining("found []; class loaders asked: [%s, %s]", loader, empty);
        }
    }

    private static void openWithin(ClassLoader context, ClassLoader loader) throws Throwable {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(context);
        try {
            open(loader);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /// A provider that stands for itself and opens nothing.
    private abstract static class Broken implements AmpeProvider {
        @Override
        public Ampe open(Options options) {
            throw new AssertionError("cannot have been made");
        }
    }

    /// Fails with an error that is no exception.
    public static final class ThrowingError extends Broken {
        public ThrowingError() {
            throw new AssertionError("no mood");
        }
    }

    /// Fails as any code may.
    public static final class ThrowingException extends Broken {
        public ThrowingException() {
            throw new IllegalStateException("no mood");
        }
    }

    /// Fails as a class does whose jar is missing.
    public static final class LackingAClass extends Broken {
        public LackingAClass() {
            throw new NoClassDefFoundError("tofu.api.AmpeTest$LackingAClass");
        }
    }

    /// Cannot be made at all.
    public abstract static class NoInstance extends Broken {}

    /// Fails as an engine does whose pool is missing.
    public static final class LackingLater implements AmpeProvider {
        @Override
        public Ampe open(Options options) {
            throw new NoClassDefFoundError("tofu/pool/Gone");
        }
    }

    /// Opens nothing, and does not say so.
    public static final class Empty implements AmpeProvider {
        @Override
        @SuppressWarnings("NullAway")
        public Ampe open(Options options) {
            return null;
        }
    }

    /// Finds classes, and no other file.
    private static final class Unreadable extends URLClassLoader {
        Unreadable(URL[] path) {
            super(path, null);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            throw new IOException("the disk is gone");
        }
    }

    /// Says what it was given, by throwing.
    public static final class Refusing implements AmpeProvider {
        @Override
        public Ampe open(Options options) {
            throw new AmpeException(Status.NOT_IMPLEMENTED_YET, options.toString());
        }
    }

    /// One too many.
    public static final class Another implements AmpeProvider {
        @Override
        public Ampe open(Options options) {
            throw new AssertionError("nobody may choose between two");
        }
    }

    /// Makes a loader that sees the API and the given providers, and nothing of this one's.
    private URLClassLoader withProviders(Class<?>... providers) throws IOException {
        return withProviders(List.of(providers).stream().map(Class::getName).toList());
    }

    private URLClassLoader withProviders(List<String> names) throws IOException {
        URL[] path = {folderOf(names), rootOf(Ampe.class), rootOf(AmpeTest.class)};
        // Not the platform loader, which would find the classes of a named module tofu.api.
        return new URLClassLoader(path, null);
    }

    /// A folder that names providers.
    private URL folderOf(List<String> names) throws IOException {
        Path root = Files.createTempDirectory(services, "providers");
        Path folder = Files.createDirectories(root.resolve("META-INF/services"));
        Files.write(folder.resolve(AmpeProvider.class.getName()), names);
        return root.toUri().toURL();
    }

    private static void open(ClassLoader loader) throws Throwable {
        try {
            loader.loadClass(Ampe.class.getName()).getMethod("open").invoke(null);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /// The folder or jar that a class was loaded from, whether or not its module is patched.
    private static URL rootOf(Class<?> type) throws MalformedURLException {
        String file = type.getName().replace('.', '/') + ".class";
        URL found = Objects.requireNonNull(type.getResource("/" + file), file);
        String text = found.toString();
        String root = text.substring(0, text.length() - file.length());
        return root.startsWith("jar:")
                ? URI.create(root.substring("jar:".length(), root.length() - "!/".length())).toURL()
                : URI.create(root).toURL();
    }
}
