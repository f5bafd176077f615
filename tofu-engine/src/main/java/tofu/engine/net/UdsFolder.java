package tofu.engine.net;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/// A folder that nobody else can enter, beside the path of a socket while that is being claimed.
///
/// Its name is short, as all of a socket's path counts; a process that is killed while it claims
/// leaves it behind.
///
/// Thread: any.
/// Owns: the folder, and [#own()] in it.
final class UdsFolder implements AutoCloseable {
    private static final int ATTEMPTS = 1000;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /// How a file gets another name; some file systems know no such thing.
    @FunctionalInterface
    interface Links {
        void link(Path name, Path existing) throws IOException;
    }

    private final Path folder;
    private final Links links;

    private UdsFolder(Path folder, Links links) {
        this.folder = folder;
        this.links = links;
    }

    /// Creates one.
    ///
    /// @param path what is to be claimed; the errors name it
    static UdsFolder beside(Path path, Links links) throws IOException {
        String prefix = "." + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int number = NUMBERS.getAndIncrement() & Integer.MAX_VALUE;
            Path folder =
                    path.resolveSibling(prefix + Integer.toString(number, Character.MAX_RADIX));
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
                return new UdsFolder(folder, links);
            } catch (FileAlreadyExistsException e) {
                // Of a process that was killed, or of one in another container: the next number.
            } catch (NoSuchFileException e) {
                throw new NoSuchFileException(path.toString(), null, "no such folder");
            } catch (AccessDeniedException e) {
                String reason = "nothing may be created in its folder";
                throw new AccessDeniedException(path.toString(), null, reason);
            } catch (FileSystemException e) {
                String reason = "nothing can be created in its folder: " + e.getReason();
                throw new FileSystemException(path.toString(), null, reason);
            }
        }
        throw new FileSystemException(path.toString(), null, "its folder is full of our leftovers");
    }

    /// Where the socket is bound.
    Path own() {
        return folder.resolve("s");
    }

    /// Where a file is put to be looked at once more. What is still there at the end, stays.
    Path aside() {
        return folder.resolve("o");
    }

    void link(Path name, Path existing) throws IOException {
        links.link(name, existing);
    }

    /// Whether a file here can have two names.
    boolean hasLinks() throws IOException {
        Path file = Files.createFile(folder.resolve("p"));
        Path second = folder.resolve("q");
        try {
            link(second, file);
            Files.delete(second);
            return true;
        } catch (FileSystemException | UnsupportedOperationException e) {
            return false;
        } finally {
            Files.delete(file);
        }
    }

    /// Gives what was put aside its name again, unless somebody else has that by now; it may have
    /// its name aside, too, then.
    void giveBack(Path name) throws IOException {
        if (hasLinks()) {
            link(name, aside());
        } else {
            Files.move(aside(), name); // not atomic; better than lost
        }
    }

    /// Removes the socket's first name, and the folder if it is empty then.
    @Override
    public void close() {
        try {
            Files.deleteIfExists(own());
            Files.delete(folder);
        } catch (IOException e) {
            // Litter in a hidden folder of ours; not worth failing for.
        }
    }
}
