package tofu.bench.duel;

/// What Netty needs to use `Unsafe` and its native library on a JDK 25, as it does elsewhere.
/// Constants, since annotations of benchmarks name them.
final class NettyFlags {
    static final String UNSAFE = "--sun-misc-unsafe-memory-access=allow";
    static final String NATIVE = "--enable-native-access=ALL-UNNAMED";
    static final String OPEN_NIO = "--add-opens=java.base/java.nio=ALL-UNNAMED";
    static final String OPEN_MISC = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";
    static final String OPEN_CHANNELS = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";
    static final String USE_UNSAFE = "-Dio.netty.noUnsafe=false";
    static final String USE_REFLECTION = "-Dio.netty.tryReflectionSetAccessible=true";

    private NettyFlags() {}
}
