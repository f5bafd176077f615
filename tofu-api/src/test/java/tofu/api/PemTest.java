package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.fixtures.TestCertificates;

/// Keys and certificates as text, and as files that change.
class PemTest {
    private static final TestCertificates FILES = TestCertificates.shared();

    @TempDir Path folder;

    private static Pem pem(String text) {
        return new Pem("the.pem", text);
    }

    private static String text(Path file) {
        return TestCertificates.text(file);
    }

    // ---- texts

    @Test
    void aChainHasItsCertificatesInOrder() {
        assertThat(pem(text(FILES.chain("server"))).certificates())
                .extracting(certificate -> certificate.getSubjectX500Principal().getName())
                .containsExactly("CN=server", "CN=Issuer of the tests");
    }

    @Test
    void keyAndCertificateOfOthersDoNotBelongTogether() {
        Pem key = pem(text(FILES.key("client")));
        Pem chain = new Pem("other.pem", text(FILES.chain("server")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pem.context(key, chain, null))
                .withMessageContaining("the.pem is not the key of the first certificate of other");
    }

    @Test
    void oldAndEncryptedKeysAreRefusedWithTheCommandThatHelps() {
        for (String label : List.of("EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY")) {
            String old = text(FILES.key("server")).replace("PRIVATE KEY", label);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pem(old).privateKey("EC"))
                    .withMessageContainingAll("the.pem", label, "openssl pkcs8 -topk8 -nocrypt");
        }
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pem("").certificates())
                .withMessageContainingAll("the.pem", "BEGIN CERTIFICATE");
        String twice = text(FILES.key("server")) + text(FILES.key("client"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pem(twice).privateKey("EC"))
                .withMessageContaining("has 2 blocks BEGIN PRIVATE KEY, must have 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pem(text(FILES.key("server"))).privateKey("RSA"))
                .withMessageContaining("no key of the certificate's kind, RSA");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PemFiles.trust(folder.resolve("none")))
                .withMessageContaining("none");
    }

    /// Lines as other programs may end and indent them, and what they may write between blocks.
    @Provide
    Arbitrary<List<String>> noise() {
        return Arbitraries.strings()
                .withCharRange(' ', '~')
                .ofMaxLength(60)
                .filter(line -> !line.contains("-----"))
                .list()
                .ofSize(4);
    }

    @Property(tries = 200)
    void textBesideTheBlocksDoesNotCount(
            @ForAll("noise") List<String> noise, @ForAll boolean windows) {
        String end = windows ? "\r\n" : "\n";
        String chain = text(FILES.chain("server"));
        String noisy =
                chain.lines()
                        .map(
                                line ->
                                        line.startsWith("-----BEGIN")
                                                ? String.join(end, noise) + end + line
                                                : line)
                        .collect(Collectors.joining(end));
        assertThat(pem(noisy).certificates()).isEqualTo(pem(chain).certificates());
    }

    @Property(tries = 500)
    void aTextThatIsCutOrChangedIsReadOrRefusedByName(@ForAll Random random, @ForAll boolean cut) {
        List<String> texts = List.of(text(FILES.chain("server")), text(FILES.key("server")));
        StringBuilder spoilt = new StringBuilder(texts.get(random.nextInt(2)));
        if (cut) {
            spoilt.setLength(random.nextInt(spoilt.length()));
        } else {
            spoilt.setCharAt(random.nextInt(spoilt.length()), (char) random.nextInt(256));
        }
        Pem pem = pem(spoilt.toString());
        for (Runnable reading : List.<Runnable>of(pem::certificates, () -> pem.privateKey("EC"))) {
            Throwable thrown = catchThrowable(reading::run);
            if (thrown != null) {
                assertThat(thrown)
                        .isExactlyInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("the.pem");
                assertThat(causes(thrown)).doesNotContain(secret());
            }
        }
    }

    /// A piece of the key.
    private static String secret() {
        return text(FILES.key("server")).lines().toList().get(1).substring(0, 20);
    }

    private static String causes(Throwable thrown) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            all.append(cause).append('\n');
        }
        return all.toString();
    }

    @Property(tries = 200)
    void anyBytesAreABlock(@ForAll byte[] bytes) {
        String block = TestCertificates.block("CERTIFICATE", bytes);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pem(block).certificates())
                .withMessageContaining("the.pem: certificate 1 cannot be understood");
        assertThat(Base64.getMimeDecoder().decode(block.replaceAll("-----[A-Z ]+-----", "")))
                .isEqualTo(bytes);
    }

    // ---- files

    @Test
    void filesAreReadAgainWhenTheyHaveChanged() throws IOException {
        Path key = copy(FILES.key("server"), "key");
        Path chain = copy(FILES.chain("server"), "chain");
        Path authorities = copy(FILES.authorities(), "authorities");
        PemFiles files = PemFiles.of(key, chain, authorities);
        SSLContext first = files.get();
        assertThat(files.get()).isSameAs(first);

        replace(key, FILES.key("renewed"));
        assertThat(files.get()).as("the key has no certificate yet").isSameAs(first);
        replace(chain, FILES.chain("renewed"));
        SSLContext second = files.get();
        assertThat(second).isNotSameAs(first);
        assertThat(files.get()).isSameAs(second);

        Files.delete(chain);
        assertThat(files.get()).as("there is no certificate").isSameAs(second);
    }

    /// What keeps files from being read may pass without a change of their size or time, as missing
    /// permissions and a want of descriptors do. A folder stands for them: nobody can read one, not
    /// even root.
    @Test
    void filesThatCouldNotBeReadAreReadOnceTheyCanBe() throws Exception {
        Path key = copy(FILES.key("server"), "key");
        Path chain = copy(FILES.chain("server"), "chain");
        PemFiles files = PemFiles.identity(key, chain);
        SSLContext first = files.get();
        replace(chain, FILES.chain("renewed"));
        Files.delete(key);
        Files.createDirectory(key);
        String renewed = TestCertificates.text(FILES.key("renewed"));
        for (int i = 0; i < 200; i++) {
            Files.createFile(key.resolve("so-that-the-folder-is-long-" + i));
        }
        long length = Files.size(key);
        FileTime time = Files.getLastModifiedTime(key);
        // How long a folder is depends on the file system.
        assumeThat(length).isBetween((long) renewed.length(), 1L << 20);

        List<String> log =
                logged(
                        () -> {
                            for (int i = 0; i < 3; i++) {
                                assertThat(files.get()).as("no key").isSameAs(first);
                            }
                        });
        assertThat(log).singleElement().asString().contains("stay as they were");

        deleteFolder(key);
        // Text outside of the blocks is ignored.
        Files.writeString(key, renewed + "\n".repeat((int) length - renewed.length()));
        Files.setLastModifiedTime(key, time);
        assertThat(Files.size(key)).isEqualTo(length);
        assertThat(Files.getLastModifiedTime(key)).isEqualTo(time);
        SSLContext second = files.get();
        assertThat(second).isNotSameAs(first);
        assertThat(files.get()).as("read once").isSameAs(second);
    }

    private static void deleteFolder(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /// What this thread logs meanwhile; it is not printed. By reflection, because the API's module
    /// does not read `java.logging`.
    private static List<String> logged(Runnable action) throws ReflectiveOperationException {
        List<String> log = new ArrayList<>();
        Thread ours = Thread.currentThread();
        InvocationHandler isLoggable =
                (_, _, arguments) -> {
                    Object entry = arguments[0];
                    if (Thread.currentThread() != ours) {
                        return true;
                    }
                    log.add((String) entry.getClass().getMethod("getMessage").invoke(entry));
                    return false;
                };
        Class<?> loggers = Class.forName("java.util.logging.Logger");
        Class<?> filters = Class.forName("java.util.logging.Filter");
        Object logger = loggers.getMethod("getLogger", String.class).invoke(null, "tofu.tls");
        Method setFilter = loggers.getMethod("setFilter", filters);
        Class<?>[] types = {filters};
        setFilter.invoke(
                logger, Proxy.newProxyInstance(PemTest.class.getClassLoader(), types, isLoggable));
        try {
            action.run();
        } finally {
            setFilter.invoke(logger, (Object) null);
        }
        return log;
    }

    private Path copy(Path file, String name) throws IOException {
        return Files.copy(file, folder.resolve(name));
    }

    /// Time stamps of a file system may be coarse.
    private static void replace(Path file, Path by) throws IOException {
        Files.writeString(file, TestCertificates.text(by));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(10)));
    }

    @Test
    void theTextOfTheSettingsTellsNoSecret() {
        PemFiles files =
                PemFiles.of(FILES.key("server"), FILES.chain("server"), FILES.authorities());
        TlsSettings settings = TlsSettings.builder(files).allowTls12().build();
        assertThat(settings.toString())
                .isEqualTo(
                        "TlsSettings[context=PemFiles, clientAuthentication=NONE, tls12=true,"
                                + " anyHostName=false, cipherSuites=[]]");
        assertThat(settings).isEqualTo(TlsSettings.builder(files).allowTls12().build());
        assertThat(settings).isNotEqualTo(TlsSettings.of(files));
        assertThat(settings).hasSameHashCodeAs(TlsSettings.builder(files).allowTls12().build());
    }
}
