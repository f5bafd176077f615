/// The command `tofuctl`: sees, tries and measures tofu from outside.
module tofu.cli {
    requires static org.jspecify;
    requires java.management.rmi;
    requires java.rmi;
    requires jdk.attach;
    requires tofu.engine;
    requires tofu.kit;
    requires tofu.management;
    requires tofu.pool; // the wire's header, which the proxy reads
    requires info.picocli;
    requires com.fasterxml.jackson.jr.ob;
    requires de.siegmar.fastcsv;
    requires HdrHistogram;

    opens tofu.cli to
            info.picocli;
    opens tofu.cli.bench to
            info.picocli;
    opens tofu.cli.top to
            info.picocli;
    opens tofu.cli.wire to
            info.picocli;
}
