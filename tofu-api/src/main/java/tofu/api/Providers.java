package tofu.api;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tofu.spi.AmpeProvider;

/// What a class loader has to offer as an engine: providers that can be had, and what is wrong with
/// those that cannot.
///
/// Providers are foreign code: whatever they throw is kept as the reason for a refusal, so that a
/// broken one does not hide a good one.
///
/// Threads: the one that made it.
final class Providers {
    /// How many broken providers are looked at: a loader that can read nothing at all says so each
    /// time that it is asked for the next.
    private static final int MOST_BROKEN = 32;

    private final String asked;
    private final List<AmpeProvider> good = new ArrayList<>();
    private final List<Throwable> broken = new ArrayList<>();

    private Providers(@Nullable ClassLoader loader) {
        this.asked = String.valueOf(loader);
    }

    /// Opens an engine of the only provider that there is.
    ///
    /// @throws AmpeException as [Ampe#open(Options)]
    static Ampe open(Options options) {
        ClassLoader own = Ampe.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        Providers found = of(own);
        if (found.good.isEmpty() && context != null && context != own) {
            Providers inContext = of(context);
            if (inContext.good.size() != 1) {
                throw notOne(Stream.of(found, inContext).toList());
            }
            found = inContext;
        }
        if (found.good.size() != 1) {
            throw notOne(List.of(found));
        }
        return open(found.good.getFirst(), options);
    }

    /// A provider may lack classes that it needs only now.
    private static Ampe open(AmpeProvider provider, Options options) {
        Ampe ampe;
        try {
            ampe = provider.open(options);
        } catch (LinkageError e) {
            throw new AmpeException(
                    Status.NOT_ALLOWED, name(provider) + " lacks a part of itself: " + e, e);
        }
        if (ampe == null) {
            throw new AmpeException(Status.NOT_ALLOWED, name(provider) + " gave no engine");
        }
        return ampe;
    }

    private static Providers of(@Nullable ClassLoader loader) {
        Providers providers = new Providers(loader);
        try {
            Iterator<AmpeProvider> found =
                    ServiceLoader.load(AmpeProvider.class, loader).iterator();
            boolean more = true;
            while (more && providers.broken.size() < MOST_BROKEN) {
                more = providers.takeNext(found);
            }
        } catch (Throwable e) {
            providers.broken.add(e);
        }
        return providers;
    }

    /// Takes the next provider, or the reason why it cannot be had; the loader goes on behind it.
    ///
    /// @return false if there is none
    private boolean takeNext(Iterator<AmpeProvider> found) {
        try {
            if (!found.hasNext()) {
                return false;
            }
            good.add(found.next());
        } catch (Throwable e) {
            broken.add(e);
        }
        return true;
    }

    private static AmpeException notOne(List<Providers> all) {
        String found = listed(all.stream().flatMap(p -> p.good.stream()).map(Providers::name));
        List<Throwable> broken = all.stream().flatMap(p -> p.broken.stream()).toList();
        String detail =
                "exactly one AmpeProvider is needed, found "
                        + found
                        + (broken.isEmpty() ? "" : ", and broken ones: " + listed(broken.stream()))
                        + "; class loaders asked: "
                        + listed(all.stream().map(p -> p.asked));
        if (broken.isEmpty()) {
            return new AmpeException(Status.NOT_ALLOWED, detail);
        }
        AmpeException refusal = new AmpeException(Status.NOT_ALLOWED, detail, broken.getFirst());
        broken.stream().skip(1).forEach(refusal::addSuppressed);
        return refusal;
    }

    private static String name(AmpeProvider provider) {
        return provider.getClass().getName();
    }

    private static String listed(Stream<?> things) {
        return things.map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}
