/// What an engine counts, as an MBean of JMX: [tofu.management.TofuMXBeans].
module tofu.management {
    requires static org.jspecify;
    requires transitive java.management;
    requires transitive tofu.api;

    exports tofu.management;
}
