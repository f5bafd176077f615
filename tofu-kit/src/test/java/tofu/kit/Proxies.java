package tofu.kit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Status;

/// Engines and groups that do as they are told for once.
final class Proxies {
    private Proxies() {}

    /// Something that does what another one does, unless the handler does something else.
    static <T> T of(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /// Does what another one does, and throws what it throws.
    static Object pass(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /// An engine that meets the end of the JVM's memory at a message while somebody says so.
    static UnaryOperator<Ampe> shortOfMemory(AtomicBoolean none) {
        return without(none, () -> new OutOfMemoryError("planted"));
    }

    /// An engine that has no memory for a message while somebody says so.
    static UnaryOperator<Ampe> refusing(AtomicBoolean none) {
        return without(none, () -> new AmpeException(Status.ALLOCATION_FAILED, "planted"));
    }

    /// An engine whose groups meet the end of the JVM's memory where they would send at once, while
    /// somebody says so.
    static UnaryOperator<Ampe> shortOfMemoryToSend(AtomicBoolean none) {
        return ampe ->
                of(
                        Ampe.class,
                        (proxy, method, arguments) -> {
                            Object result = pass(ampe, method, arguments);
                            return result instanceof ChannelGroup group
                                    ? group(group, none)
                                    : result;
                        });
    }

    private static ChannelGroup group(ChannelGroup group, AtomicBoolean none) {
        return of(
                ChannelGroup.class,
                (proxy, method, arguments) -> {
                    if (none.get() && method.getName().equals("offerToPeer")) {
                        throw new OutOfMemoryError("planted");
                    }
                    return pass(group, method, arguments);
                });
    }

    private static UnaryOperator<Ampe> without(AtomicBoolean none, Supplier<Throwable> failure) {
        return ampe ->
                of(
                        Ampe.class,
                        (proxy, method, arguments) -> {
                            if (none.get() && method.getName().equals("get")) {
                                throw failure.get();
                            }
                            return pass(ampe, method, arguments);
                        });
    }
}
