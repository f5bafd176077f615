package tofu.engine.net;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;

/// The file of a Unix domain socket that is listened on, from claiming its path to removing it.
///
///     folder/.k3f0/s    bound, listening, chmod      nobody else can enter .k3f0 (mode 0700)
///     folder/name       hard link to it: the claim   fails if the name exists
///     folder/name~      hard link to it: the guard   held while a stale file `name` is evicted
///     folder/.k3f0/o    what is being evicted        looked at once more before it is deleted
///
/// So the name appears with its mode set and accepting, and one of many claimants gets it. Only if
/// these names are too long for a socket, or the file system has no hard links, is `name` bound
/// itself and its mode set right after: then there is a moment in which the file has the mode of
/// the umask, and one in which it refuses.
///
/// Thread: any; the methods never wait.
/// Errors: an [IOException] that names the path and leaves nothing behind.
public final class UdsFile {
    private static final int MAX_PATH_BYTES = Address.MAX_UDS_PATH_BYTES;

    private static final int ATTEMPTS = 64;
    private static final int FILE_TYPE_MASK = 0170000;
    private static final int SOCKET_TYPE = 0140000;

    private final Path path;

    /// Device and inode. Nobody else's as long as the socket is open, even if the file is deleted.
    private final Object key;

    private UdsFile(Path path, Object key) {
        this.path = path;
        this.key = key;
    }

    /// Binds a channel and lets it listen at a path.
    ///
    /// @param channel unbound; to be closed by the caller, after [#remove()] or a failure
    /// @param path at most [Address#MAX_UDS_PATH_BYTES] bytes long
    /// @param backlog connections that the system holds for a listener
    /// @param permissions the mode of the file, before it appears
    /// @return the file, to be removed by the caller
    /// @throws IOException if it cannot listen there for another reason
    /// @throws BindException if somebody listens there, or is about to
    /// @throws FileAlreadyExistsException if there is something that is not a socket
    public static UdsFile listen(
            ServerSocketChannel channel,
            Path path,
            int backlog,
            Set<PosixFilePermission> permissions)
            throws IOException {
        return listen(channel, path, backlog, permissions, Files::createLink);
    }

    static UdsFile listen(
            ServerSocketChannel channel,
            Path path,
            int backlog,
            Set<PosixFilePermission> permissions,
            UdsFolder.Links links)
            throws IOException {
        checkLength(path);
        try (UdsFolder folder = UdsFolder.beside(path, links)) {
            Path own = folder.own();
            if (!fits(own) || !fits(guard(path)) || !folder.hasLinks()) {
                return bindDirectly(channel, path, backlog, permissions, folder);
            }
            channel.bind(UnixDomainSocketAddress.of(own), backlog);
            Files.setPosixFilePermissions(own, permissions);
            UdsFile file = new UdsFile(path, key(own));
            claim(path, folder, true);
            return file;
        }
    }

    /// Removes the file if it is still the one that was bound. To be called while the socket is
    /// open; quiet, whatever became of the file.
    public void remove() {
        try {
            if (key.equals(key(path))) {
                Files.delete(path);
            }
        } catch (IOException e) {
            // It is gone, or not ours to touch.
        }
    }

    /// Connects a non-blocking channel.
    ///
    /// @return true if connected, false if under way
    /// @throws NoSuchFileException if there is no such file
    /// @throws ConnectException if nobody listens
    /// @throws AccessDeniedException if the file's mode forbids it
    /// @throws NotAcceptingException if the listener's backlog is full
    /// @throws IOException if anything else is wrong
    static boolean connect(SocketChannel channel, Path path) throws IOException {
        checkLength(path);
        try {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (SocketException e) {
            throw reason(path, e);
        }
    }

    /// Why a path could not be connected to: by the exception's type and what is there, as its text
    /// depends on the locale.
    static IOException reason(Path path, SocketException failure) {
        return switch (failure) {
            case ConnectException refused -> refused;
            // How the JDK says EACCES.
            case BindException denied ->
                    because(new AccessDeniedException(path.toString()), denied);
            case SocketException _ when Files.notExists(path) ->
                    because(new NoSuchFileException(path.toString()), failure);
            // EAGAIN; a datagram socket is not told from it.
            case SocketException _ when isSpecialFile(path) ->
                    new NotAcceptingException(
                            path + ": is its backlog full? " + failure.getMessage(), failure);
            default -> failure;
        };
    }

    private static boolean isSpecialFile(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isOther();
        } catch (IOException e) {
            return false; // symbolic links that lead in a circle, say
        }
    }

    private static UdsFile bindDirectly(
            ServerSocketChannel channel,
            Path path,
            int backlog,
            Set<PosixFilePermission> permissions,
            UdsFolder folder)
            throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                channel.bind(UnixDomainSocketAddress.of(path), backlog);
            } catch (BindException e) {
                evict(path, folder);
                continue;
            }
            return withMode(path, permissions);
        }
        throw new BindException(path + ": others claim it again and again");
    }

    /// Sets the mode of a file that was bound just now, or removes it.
    private static UdsFile withMode(Path path, Set<PosixFilePermission> permissions)
            throws IOException {
        boolean done = false;
        try {
            Files.setPosixFilePermissions(path, permissions);
            UdsFile file = new UdsFile(path, key(path));
            done = true;
            return file;
        } finally {
            if (!done) {
                Files.deleteIfExists(path);
            }
        }
    }

    /// Gives the bound socket a second name.
    ///
    /// @param guarded whether a stale file of that name is evicted under its guard; false for the
    ///     guard itself, which outlives only a claimant that was killed while it evicted
    private static void claim(Path name, UdsFolder folder, boolean guarded) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                folder.link(name, folder.own());
                return;
            } catch (FileAlreadyExistsException e) {
                if (guarded) {
                    evictGuarded(name, folder);
                } else {
                    evict(name, folder);
                }
            }
        }
        throw new BindException(name + ": others claim it again and again");
    }

    /// Evicts a stale file while holding its guard: without, a slow claimant that found the file
    /// stale could take away the live one that a quick claimant has put there since.
    private static void evictGuarded(Path name, UdsFolder folder) throws IOException {
        if (staleKey(name) == null) {
            return;
        }
        Path guard = guard(name);
        claim(guard, folder, false);
        try {
            evict(name, folder);
        } finally {
            new UdsFile(guard, key(folder.own())).remove();
        }
    }

    private static void evict(Path name, UdsFolder folder) throws IOException {
        Object stale = staleKey(name);
        if (stale != null) {
            takeAway(name, stale, folder);
        }
    }

    /// Deletes a stale file, but gives it its name back if it turns out to be another file, or
    /// alive, or if that cannot be found out.
    ///
    /// @param stale the key of the file that was found stale
    static void takeAway(Path name, Object stale, UdsFolder folder) throws IOException {
        Path aside = folder.aside();
        try {
            Files.move(name, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        boolean stillStale = false;
        try {
            stillStale = stale.equals(key(aside)) && !(fits(aside) && isAlive(aside));
        } finally {
            if (!stillStale) {
                folder.giveBack(name); // if this fails, it stays aside: better than lost
            }
            Files.deleteIfExists(aside);
        }
        if (!stillStale) {
            throw new BindException(name + ": somebody began to listen there");
        }
    }

    /// Says whether a name is free to be evicted.
    ///
    /// @return the key of a socket on which nobody listens, or `null` if there is no file any more
    private static @Nullable Object staleKey(Path name) throws IOException {
        try {
            Map<String, Object> found =
                    Files.readAttributes(name, "unix:mode,fileKey", LinkOption.NOFOLLOW_LINKS);
            int mode = found.get("mode") instanceof Integer bits ? bits : 0;
            if ((mode & FILE_TYPE_MASK) != SOCKET_TYPE) {
                throw new FileAlreadyExistsException(name.toString(), null, "not a socket");
            }
            if (isAlive(name)) {
                throw new BindException(name + ": somebody listens there");
            }
            return found.get("fileKey");
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /// Says whether anybody listens, by connecting without waiting. Only a refusal proves that
    /// nobody does: EAGAIN is a full backlog, EPROTOTYPE a socket of another type.
    ///
    /// @throws NoSuchFileException if there is no such file: a stale one was not found, and what
    ///     has that name a moment later may be alive
    private static boolean isAlive(Path path) throws IOException {
        SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            probe.configureBlocking(false);
            connect(probe, path);
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (SocketException e) {
            return true;
        } finally {
            Sockets.closeQuietly(probe);
        }
    }

    private static Path guard(Path path) {
        return path.resolveSibling(path.getFileName() + "~");
    }

    private static Object key(Path path) throws IOException {
        Object key = Files.getAttribute(path, "unix:fileKey", LinkOption.NOFOLLOW_LINKS);
        return Objects.requireNonNull(key, "the file system has no file keys");
    }

    private static void checkLength(Path path) throws FileSystemException {
        if (!fits(path)) {
            String reason =
                    ("has " + lengthInBytes(path) + " bytes, a Unix domain socket's path has 1 to ")
                            + MAX_PATH_BYTES;
            throw new FileSystemException(path.toString(), null, reason);
        }
    }

    private static boolean fits(Path path) {
        int length = lengthInBytes(path);
        return 0 < length && length <= MAX_PATH_BYTES;
    }

    private static int lengthInBytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static <E extends IOException> E because(E exception, IOException cause) {
        exception.initCause(cause);
        return exception;
    }
}
