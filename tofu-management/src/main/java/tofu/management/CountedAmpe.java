package tofu.management;

import java.util.List;
import tofu.api.Ampe;

/// The MBean of one engine.
///
/// Threads: any; those of JMX.
final class CountedAmpe implements AmpeMXBean {
    private final String name;
    private final Ampe ampe;

    CountedAmpe(String name, Ampe ampe) {
        this.name = name;
        this.ampe = ampe;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public Traffic getTraffic() {
        return getStatistics().traffic();
    }

    @Override
    public Stalls getStalls() {
        return getStatistics().stalls();
    }

    @Override
    public Events getEvents() {
        return getStatistics().events();
    }

    @Override
    public List<Group> getGroups() {
        return getStatistics().groups();
    }

    @Override
    public List<Channel> getChannels() {
        return getStatistics().channels();
    }

    @Override
    public List<Loop> getLoops() {
        return getStatistics().loops();
    }

    @Override
    public Pool getPool() {
        return getStatistics().pool();
    }

    @Override
    public Snapshot getStatistics() {
        return Snapshots.of(ampe.statistics());
    }
}
