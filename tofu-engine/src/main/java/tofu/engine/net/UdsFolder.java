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

    private final Path folder;

    private UdsFolder(Path folder) {
        this.folder = folder;
    }

    /// Creates one.
    ///
    /// @param path what is to be claimed; the errors name it
    static UdsFolder beside(Path path) throws IOException {
        String prefix = "." + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int number = NUMBERS.getAndIncrement() & Integer.MAX_VALUE;
            Path folder =
                    path.resolveSibling(prefix + Integer.toString(number, Character.MAX_RADIX));
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
                return new UdsFolder(folder);
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
