package tofu.api;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.spi.AmpeProvider;

/// Several providers are tried with a copy of the API in a class loader of its own: the one of the
/// tests sees none.
class AmpeTest {
    @TempDir private Path services;

    @Test
    void openingWithoutAProviderFailsLoudly() {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(Ampe::open)
                .withMessage("NOT_ALLOWED: exactly one AmpeProvider is needed, found []")
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
                                    + " needed, found [%s, %s]",
                            Refusing.class.getName(), Another.class.getName());
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
        List<String> names = List.of(providers).stream().map(Class::getName).toList();
        Path folder = Files.createDirectories(services.resolve("META-INF/services"));
        Files.write(folder.resolve(AmpeProvider.class.getName()), names);
        URL[] path = {services.toUri().toURL(), rootOf(Ampe.class), rootOf(AmpeTest.class)};
        // Not the platform loader, which would find the classes of a named module tofu.api.
        return new URLClassLoader(path, null);
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
