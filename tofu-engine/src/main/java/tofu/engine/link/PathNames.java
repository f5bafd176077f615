package tofu.engine.link;

import java.lang.System.Logger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import tofu.engine.loop.EngineThread;

/// Whether this JVM can spell the path that a peer's socket may be bound to.
///
/// In the POSIX locale, which is that of a process without `LANG`, it cannot spell any that is not
/// ASCII. JDK 25 then loses the descriptor of each connection from such a peer for ever; nothing
/// but another locale helps.
///
/// Threads: any.
final class PathNames {
    private static final Logger LOG = System.getLogger("tofu.engine");

    /// What stands for all that cannot be read; a JVM that can spell it can spell anything.
    private static final String UNREADABLE = "\uFFFD";

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private PathNames() {}

    static boolean areAllSpelt() {
        try {
            return !Path.of(UNREADABLE).toString().isEmpty();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /// Warns, once in the life of the JVM, if there are names that cannot be spelt: in a thread of
    /// its own, as the log may be anybody's.
    static void warnOnce() {
        if (!areAllSpelt() && WARNED.compareAndSet(false, true)) {
            EngineThread.tryStart("tofu-warning", PathNames::warn);
        }
    }

    private static void warn() {
        LOG.log(
                Logger.Level.WARNING,
                "a peer whose Unix domain socket is bound to a path that is not spelt in "
                        + System.getProperty("sun.jnu.encoding")
                        + " costs this process a descriptor for ever:"
                        + " start it with LC_ALL=C.UTF-8, say");
    }
}
