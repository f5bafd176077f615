package tofu.engine;

import tofu.api.Ampe;
import tofu.api.Options;
import tofu.spi.AmpeProvider;

/// Opens engines over NIO sockets.
public final class EngineProvider implements AmpeProvider {
    /// For [java.util.ServiceLoader].
    public EngineProvider() {}

    @Override
    public Ampe open(Options options) {
        return open(options, new SystemEnvironment());
    }

    /// Opens an engine in a world of the caller's, with a thread for each loop. For tests, as only
    /// they see this package.
    ///
    /// @param options bounds and deadlines
    /// @param environment the world around it
    /// @return the engine, to be closed by the caller
    public static Ampe open(Options options, Environment environment) {
        return Engine.start(options, environment);
    }
}
