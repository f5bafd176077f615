package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;

/// Who may take the place of which file, and with which mode. Long: one rule, and every way in
/// which somebody may come between its steps.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class UdsFileTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Set<PosixFilePermission> MODE =
            PosixFilePermissions.fromString("rw-rw----");

    @TempDir Path folder;

    private final Queue<Listener> listeners = new ConcurrentLinkedQueue<>();

    /// A channel that listens, and its file.
    private record Listener(ServerSocketChannel channel, UdsFile file) {
        void close() {
            NioAcceptor.discard(channel, file);
        }
    }

    @AfterEach
    void closeAll() {
        listeners.forEach(Listener::close);
    }

    // -- A path that is free

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw----", "rwxrwxrwx"})
    void theFileHasItsModeAndCanBeConnectedTo(String mode) throws IOException {
        Path path = folder.resolve("tofu.sock");
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
        Listener listener = listen(path, permissions);

        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(permissions);
        assertThat(names(folder)).containsExactly("tofu.sock");
        checkReachable(listener, path);
        listener.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theFileNeverShowsWithAnotherModeNorRefuses() throws Exception {
        Path path = folder.resolve("tofu.sock");
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger seen = new AtomicInteger();
        List<Object> wrong = new ArrayList<>();
        Thread watcher =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    while (!done.get()) {
                                        watch(path, seen, wrong);
                                    }
                                });
        for (int i = 0; i < 300 || (seen.get() < 20 && i < 100_000); i++) {
            listen(path, MODE).close();
        }
        done.set(true);
        assertThat(watcher.join(PATIENCE)).isTrue();

        assertThat(wrong).isEmpty();
        assertThat(seen.get()).isPositive();
    }

    @Test
    void aRelativePathWorks() throws IOException {
        Path relative = Path.of("").toAbsolutePath().relativize(folder.resolve("tofu.sock"));
        assumeTrue(relative.toString().length() <= Address.MAX_UDS_PATH_BYTES, "too deep here");
        Listener listener = listen(relative, MODE);
        checkReachable(listener, folder.resolve("tofu.sock"));
    }

    // -- A path that is taken

    @ParameterizedTest
    @ValueSource(strings = {"file", "folder", "full", "symlink", "dangling", "loop", "fifo"})
    void whatIsNoSocketIsLeftAlone(String kind) throws Exception {
        Path path = folder.resolve(kind);
        create(kind, path);
        Object before = Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        Set<String> names = names(folder);

        assertThatThrownBy(() -> listen(path, MODE))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageContaining(path.toString());

        assertThat(Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(before);
        assertThat(names(folder)).isEqualTo(names);
    }

    @Test
    void aSymbolicLinkToALiveListenerIsLeftAlone() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        Listener listener = listen(path, MODE);
        assertThatThrownBy(() -> listen(link, MODE)).isInstanceOf(FileAlreadyExistsException.class);
        checkReachable(listener, link);
    }

    @Test
    void aLiveListenerKeepsItsFile() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Listener first = listen(path, MODE);
        Map<String, Object> before = identity(path);

        assertThatThrownBy(() -> listen(path, MODE))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(path.toString());

        // Neither moved nor linked, not even for a moment: that would have changed its ctime.
        assertThat(identity(path)).isEqualTo(before);
        assertThat(names(folder)).containsExactly("tofu.sock");
        drain(first);
        checkReachable(first, path);
    }

    @Test
    void aLiveListenerWithAFullBacklogKeepsItsFile() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Listener first = listen(path, MODE);
        List<SocketChannel> waiting = new ArrayList<>();
        try {
            assertThatThrownBy(() -> fill(path, waiting)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> listen(path, MODE)).isInstanceOf(BindException.class);
            assertThat(names(folder)).containsExactly("tofu.sock");
        } finally {
            waiting.forEach(Sockets::closeQuietly);
        }
        drain(first);
        checkReachable(first, path);
    }

    @Test
    void aStaleFileIsReplaced() throws IOException {
        Path path = folder.resolve("tofu.sock");
        leaveStale(path);
        Listener listener = listen(path, MODE);

        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(MODE);
        assertThat(names(folder)).containsExactly("tofu.sock");
        checkReachable(listener, path);
    }

    @Test
    void theGuardOfOneThatWasKilledIsReplacedToo() throws IOException {
        Path path = folder.resolve("tofu.sock");
        leaveStale(path);
        leaveStale(folder.resolve("tofu.sock~"));
        Listener listener = listen(path, MODE);

        assertThat(names(folder)).containsExactly("tofu.sock");
        checkReachable(listener, path);
    }

    @Test
    void whileAnotherEvictsTheStaleFileItIsHis() throws IOException {
        Path path = folder.resolve("tofu.sock");
        leaveStale(path);
        listen(folder.resolve("tofu.sock~"), MODE); // stands for his guard, which is alive

        assertThatThrownBy(() -> listen(path, MODE)).isInstanceOf(BindException.class);
        assertThat(names(folder)).containsExactly("tofu.sock", "tofu.sock~");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasTakenForStaleIsGivenBackIfItIsNot(boolean sameFile) throws IOException {
        Path path = folder.resolve("tofu.sock");
        Listener live = listen(path, MODE);
        Object key = Files.getAttribute(path, "unix:fileKey");
        Object stale = sameFile ? key : "another file's";

        try (UdsFolder aside = UdsFolder.beside(path, Files::createLink)) {
            assertThatThrownBy(() -> UdsFile.takeAway(path, stale, aside))
                    .isInstanceOf(BindException.class);
        }

        assertThat(Files.getAttribute(path, "unix:fileKey")).isEqualTo(key);
        assertThat(names(folder)).containsExactly("tofu.sock");
        drain(live);
        checkReachable(live, path);
        live.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileThatReplacedAStaleOneMeanwhileIsGivenBack() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Files.writeString(path, "precious");
        try (UdsFolder aside = UdsFolder.beside(path, Files::createLink)) {
            assertThatThrownBy(() -> UdsFile.takeAway(path, "the stale one's key", aside))
                    .isInstanceOf(BindException.class);
        }
        assertThat(path).hasContent("precious");
        assertThat(names(folder)).containsExactly("tofu.sock");
    }

    @Test
    void foldersOfOnesThatWereKilledDoNotMatter() throws IOException {
        Path path = folder.resolve("tofu.sock");
        UdsFolder first = UdsFolder.beside(path, Files::createLink);
        String name = names(folder).iterator().next();
        String pid = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
        int number = Integer.parseInt(name.substring(1 + pid.length()), Character.MAX_RADIX);
        for (int next = number + 1; next < number + 5; next++) {
            String taken = "." + pid + Integer.toString(next, Character.MAX_RADIX);
            Files.createDirectory(folder.resolve(taken));
        }

        checkReachable(listen(path, MODE), path);

        first.close();
        assertThat(names(folder)).hasSize(4 + 1);
    }

    @Test
    void oneOfManyClaimantsOfAStaleFileGetsItAndKeepsIt() throws Exception {
        int claimants = 6;
        for (int round = 0; round < 40; round++) {
            Path path = folder.resolve("tofu.sock");
            leaveStale(path);
            Queue<Exception> losses = new ConcurrentLinkedQueue<>();
            CyclicBarrier barrier = new CyclicBarrier(claimants);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < claimants; i++) {
                threads.add(Thread.ofPlatform().start(() -> contend(path, barrier, losses)));
            }
            for (Thread thread : threads) {
                assertThat(thread.join(PATIENCE)).isTrue();
            }
            assertThat(losses).hasSize(claimants - 1).hasOnlyElementsOfType(BindException.class);
            assertThat(listeners).hasSize(1);
            assertThat(names(folder)).containsExactly("tofu.sock");
            Listener winner = listeners.remove();
            drain(winner);
            checkReachable(winner, path);
            winner.close();
        }
    }

    // -- Giving up the path

    @Test
    void aFileThatWasDeletedUnderUsIsNoMatter() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Listener listener = listen(path, MODE);
        Files.delete(path);
        listener.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileThatReplacedOursStays() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Listener old = listen(path, MODE);
        Files.delete(path);
        Listener young = listen(path, MODE);
        old.close();
        checkReachable(young, path);

        Files.delete(path);
        Files.writeString(path, "precious");
        young.close();
        assertThat(path).hasContent("precious");
    }

    @Test
    void aFolderThatVanishedIsNoMatter() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Listener listener = listen(inner.resolve("tofu.sock"), MODE);
        Files.delete(inner.resolve("tofu.sock"));
        Files.delete(inner);
        listener.close();
        assertThat(folder).isEmptyDirectory();
    }

    // -- Paths that are hard

    @Test
    void aMissingFolderIsNamed() {
        Path path = folder.resolve("missing/tofu.sock");
        assertThatThrownBy(() -> listen(path, MODE))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(path.toString());
    }

    @Test
    void aFileInTheFoldersPlaceIsNamed() throws IOException {
        Path path = Files.createFile(folder.resolve("file")).resolve("tofu.sock");
        assertThatThrownBy(() -> listen(path, MODE))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(path.toString());
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(locked), "root writes everywhere");
        Path path = locked.resolve("tofu.sock");
        assertThatThrownBy(() -> listen(path, MODE))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining(path.toString());
    }

    @Test
    void aSystemFolderThatTakesNoFilesIsNamed() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "needs /proc");
        assertThatThrownBy(() -> listen(Path.of("/proc/tofu.sock"), MODE))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("/proc/tofu.sock");
    }

    @Test
    void aSocketThatMayNotBeConnectedToIsDenied() throws IOException {
        Path path = folder.resolve("tofu.sock");
        listen(path, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isWritable(path), "root connects everywhere");
        assertThatThrownBy(() -> connect(path)).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> listen(path, MODE)).isInstanceOf(AccessDeniedException.class);

        Object key = Files.getAttribute(path, "unix:fileKey");
        try (UdsFolder aside = UdsFolder.beside(path, Files::createLink)) {
            assertThatThrownBy(() -> UdsFile.takeAway(path, key, aside))
                    .isInstanceOf(AccessDeniedException.class);
        }
        assertThat(Files.getAttribute(path, "unix:fileKey")).isEqualTo(key);
        assertThat(names(folder)).containsExactly("tofu.sock");
    }

    @ParameterizedTest
    @ValueSource(ints = {90, 98, 105, 106})
    void aLongPathWorks(int length) throws IOException {
        Path path = pathOf(length, "tofu.sock".length());
        Listener listener = listen(path, MODE);
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(MODE);
        assertThat(names(path.resolveSibling(""))).containsExactly("tofu.sock");
        checkReachable(listener, path);
        listener.close();
        assertThat(path.getParent()).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 104, 106})
    void aLongPathWithAShortNameIsBoundDirectly(int length) throws IOException {
        Path path = pathOf(length, 1);
        leaveStale(path);
        Listener listener = listen(path, MODE);
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(MODE);
        assertThat(names(path.resolveSibling(""))).hasSize(1);
        checkReachable(listener, path);
        assertThatThrownBy(() -> listen(path, MODE)).isInstanceOf(BindException.class);
        drain(listener);
        checkReachable(listener, path);
        listener.close();
        assertThat(path.getParent()).isEmptyDirectory();
        Files.createFile(path);
        assertThatThrownBy(() -> listen(path, MODE)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void aGuardWhoseNameIsTooLongIsNotUsed() throws IOException {
        Path path = pathOf(Address.MAX_UDS_PATH_BYTES, "tofu.sock".length());
        leaveStale(path);
        Path other = folder.resolve("other");
        leaveStale(other);
        Files.createLink(path.resolveSibling("tofu.sock~"), other);
        checkReachable(listen(path, MODE), path);
    }

    // -- A file system that has no hard links

    private static void noLink(Path name, Path existing) throws FileSystemException {
        throw new FileSystemException(name.toString(), existing.toString(), "not supported");
    }

    private static void noLinkAtAll(Path name, Path existing) {
        throw new UnsupportedOperationException(name + " to " + existing);
    }

    static List<UdsFolder.Links> withoutLinks() {
        return List.of(UdsFileTest::noLink, UdsFileTest::noLinkAtAll);
    }

    @ParameterizedTest
    @MethodSource("withoutLinks")
    void withoutHardLinksThePathIsBoundDirectly(UdsFolder.Links links) throws IOException {
        Path path = folder.resolve("tofu.sock");
        leaveStale(path);
        Listener listener = listen(path, MODE, links);
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(MODE);
        assertThat(names(folder)).containsExactly("tofu.sock");
        checkReachable(listener, path);
        assertThatThrownBy(() -> listen(path, MODE, links)).isInstanceOf(BindException.class);
        listener.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void withoutHardLinksWhatWasTakenForStaleIsGivenBack() throws IOException {
        Path path = folder.resolve("tofu.sock");
        Listener live = listen(path, MODE);
        Object key = Files.getAttribute(path, "unix:fileKey");
        try (UdsFolder aside = UdsFolder.beside(path, UdsFileTest::noLink)) {
            assertThatThrownBy(() -> UdsFile.takeAway(path, key, aside))
                    .isInstanceOf(BindException.class);
        }
        assertThat(names(folder)).containsExactly("tofu.sock");
        drain(live); // of who looked whether it is alive
        checkReachable(live, path);
    }

    // -- What fails half-way

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aModeThatCannotBeSetLeavesNoFile(boolean linked) {
        Path path = folder.resolve("tofu.sock");
        Set<PosixFilePermission> impossible = new HashSet<>();
        impossible.add(null);
        UdsFolder.Links links = linked ? Files::createLink : UdsFileTest::noLink;
        assertThatThrownBy(() -> listen(path, impossible, links))
                .isInstanceOf(NullPointerException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theReasonOfAFailedConnectIsKnownByItsType() throws IOException {
        Path path = Files.createFile(folder.resolve("tofu.sock"));
        assertThat(UdsFile.reason(path, new BindException("Keine Berechtigung")))
                .isInstanceOf(AccessDeniedException.class);
        assertThat(UdsFile.reason(path, new ConnectException("Verbindungsaufbau abgelehnt")))
                .isInstanceOf(ConnectException.class);
        assertThat(UdsFile.reason(path, new SocketException("nicht verf\u00fcgbar")))
                .as("not a socket")
                .isExactlyInstanceOf(SocketException.class);
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel owner = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            owner.bind(UnixDomainSocketAddress.of(socket));
            assertThat(UdsFile.reason(socket, new SocketException("nicht verf\u00fcgbar")))
                    .isInstanceOf(NotAcceptingException.class);
        }
        assertThat(UdsFile.reason(folder.resolve("none"), new SocketException("nicht gefunden")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {107, 108, 120})
    void aPathThatIsTooLongIsRefusedAndNamed(int length) throws IOException {
        Path path = pathOf(length, "tofu.sock".length());
        assertThatThrownBy(() -> listen(path, MODE))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining(length + " bytes");
        assertThatThrownBy(() -> connect(path))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(length + " bytes");
        assertThat(path.getParent()).isEmptyDirectory();
    }

    @Test
    void anEmptyPathIsRefused() {
        assertThatThrownBy(() -> listen(Path.of(""), MODE)).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> connect(Path.of(""))).isInstanceOf(FileSystemException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"grüße", "豆腐.sock", "🧊", "with space", "~", "-rf"})
    void anyNameWorks(String name) throws IOException {
        assumeTrue(canSpell(name), "not in this locale");
        Path path = folder.resolve(name);
        leaveStale(path);
        Listener listener = listen(path, MODE);
        assertThat(names(folder)).containsExactly(name);
        checkReachable(listener, path);
    }

    @Test
    void aNonAsciiPathIsMeasuredInBytes() throws IOException {
        assumeTrue(canSpell("豆"), "not in this locale");
        Path path = pathOf(102, "tofu.sock".length()).resolveSibling("豆腐豆腐.s");
        assertThat(path.toString().getBytes(StandardCharsets.UTF_8)).hasSize(107);
        assertThatThrownBy(() -> listen(path, MODE)).hasMessageContaining("107 bytes");
    }

    // -- Tools

    /// Leaves a socket file behind, as a process does that is killed.
    private static void leaveStale(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(path));
        }
    }

    private static Set<String> names(Path folder) throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }

    private Listener listen(Path path, Set<PosixFilePermission> permissions) throws IOException {
        return listen(path, permissions, Files::createLink);
    }

    private Listener listen(Path path, Set<PosixFilePermission> permissions, UdsFolder.Links links)
            throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean done = false;
        try {
            channel.configureBlocking(false);
            Listener listener =
                    new Listener(channel, UdsFile.listen(channel, path, 4, permissions, links));
            listeners.add(listener);
            done = true;
            return listener;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private void contend(Path path, CyclicBarrier barrier, Queue<Exception> losses) {
        try {
            barrier.await();
            listen(path, MODE);
        } catch (Exception e) {
            losses.add(e);
        }
    }

    private static SocketChannel connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean done = false;
        try {
            channel.configureBlocking(false);
            assertThat(UdsFile.connect(channel, path)).isTrue();
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private static void fill(Path path, List<SocketChannel> waiting) throws IOException {
        while (waiting.size() < 100) {
            waiting.add(connect(path));
        }
    }

    private static void drain(Listener listener) throws IOException {
        for (SocketChannel c = listener.channel.accept();
                c != null;
                c = listener.channel.accept()) {
            c.close();
        }
    }

    /// Connects through a path and checks that it is this listener that is found there.
    private static void checkReachable(Listener listener, Path path) throws IOException {
        try (SocketChannel there = connect(path)) {
            SocketChannel accepted = listener.channel.accept();
            assertThat(accepted).isNotNull();
            there.write(ByteBuffer.wrap(new byte[] {42}));
            ByteBuffer read = ByteBuffer.allocate(2);
            accepted.read(read);
            accepted.close();
            assertThat(read.flip().remaining()).isEqualTo(1);
            assertThat(read.get()).isEqualTo((byte) 42);
        }
    }

    /// Looks at the file once, and tries to connect.
    private static void watch(Path path, AtomicInteger seen, List<Object> wrong) {
        try {
            Map<String, Object> before = identity(path);
            seen.incrementAndGet();
            if (!MODE.equals(before.get("permissions"))) {
                wrong.add(before);
            }
            try {
                connect(path).close();
            } catch (ConnectException e) {
                // All right only if it was closed after it was found: then the file is gone.
                if (identity(path).equals(before)) {
                    wrong.add(e);
                }
            }
        } catch (IOException e) {
            // Not there just now.
        }
    }

    private static Map<String, Object> identity(Path path) throws IOException {
        return Files.readAttributes(
                path, "unix:permissions,fileKey,ctime", LinkOption.NOFOLLOW_LINKS);
    }

    /// A path of so many bytes with a name of so many; its folder exists and is empty.
    private Path pathOf(int length, int nameLength) throws IOException {
        int parentLength = length - nameLength - 1;
        Path parent = folder;
        while (parent.toString().length() < parentLength) {
            int missing = parentLength - parent.toString().length() - 1;
            assumeTrue(missing > 0, "the temporary folder's name has a bad length");
            // never leaves exactly one byte, which would be a slash without a name
            parent = parent.resolve("d".repeat(missing > 52 ? 50 : missing));
        }
        assumeTrue(parent.toString().length() == parentLength, "the temporary folder is too deep");
        Files.createDirectories(parent);
        Path path = parent.resolve("tofu.sock".substring(0, nameLength));
        assertThat(path.toString()).hasSize(length);
        return path;
    }

    private static boolean canSpell(String name) {
        try {
            return Path.of(name).toString().equals(name);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static void create(String kind, Path path) throws Exception {
        switch (kind) {
            case "file" -> Files.writeString(path, "precious");
            case "folder" -> Files.createDirectory(path);
            case "full" -> Files.createFile(Files.createDirectory(path).resolve("inside"));
            case "symlink" ->
                    Files.createSymbolicLink(
                            path, Files.createFile(path.resolveSibling("elsewhere")));
            case "dangling" ->
                    Files.createSymbolicLink(path, path.resolveSibling("does not exist"));
            case "loop" -> Files.createSymbolicLink(path, path);
            case "fifo" -> {
                assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "needs mkfifo");
                Process process = new ProcessBuilder("/usr/bin/mkfifo", path.toString()).start();
                assertThat(process.waitFor()).isZero();
            }
            default -> throw new IllegalArgumentException(kind);
        }
    }
}
