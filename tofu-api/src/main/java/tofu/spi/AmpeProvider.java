package tofu.spi;

import tofu.api.Ampe;
import tofu.api.Options;

/// Opens engines of one implementation; found by [java.util.ServiceLoader].
///
/// Exactly one provider must be visible to an application, see [Ampe#open(Options)].
///
/// Engines implement it: methods are added with a default only.
public interface AmpeProvider {
    /// Opens an engine.
    ///
    /// @param options the limits and deadlines of the engine
    /// @return a running engine, owned by the caller
    /// @throws tofu.api.AmpeException if the engine's resources cannot be had
    Ampe open(Options options);
}
