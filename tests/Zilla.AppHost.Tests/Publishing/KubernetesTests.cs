using System.Text.Json.Nodes;

namespace Zilla.AppHost.Tests.Publishing;

/// <summary>The manifests against the rules of the kinds that they are of; every name in them has to lead somewhere.</summary>
[Collection(PublishedCollection.Name)]
public sealed class KubernetesTests(PublishedFixture published)
{
    /// <summary>What each kind has to say, by its API version.</summary>
    private static readonly Dictionary<string, (string ApiVersion, string[] Required)> Kinds = new()
    {
        ["ConfigMap"] = ("v1", ["data"]),
        ["Service"] = ("v1", ["spec/selector", "spec/ports"]),
        ["Deployment"] = ("apps/v1", ["spec/selector/matchLabels", "spec/template/metadata/labels", "spec/template/spec/containers"]),
        ["StatefulSet"] = ("apps/v1", ["spec/serviceName", "spec/selector/matchLabels", "spec/template/metadata/labels", "spec/template/spec/containers"]),
        ["HorizontalPodAutoscaler"] = ("autoscaling/v2", ["spec/scaleTargetRef", "spec/minReplicas", "spec/maxReplicas", "spec/metrics"]),
        ["PodDisruptionBudget"] = ("policy/v1", ["spec/selector/matchLabels", "spec/maxUnavailable"]),
        ["NetworkPolicy"] = ("networking.k8s.io/v1", ["spec/podSelector", "spec/policyTypes", "spec/ingress"]),
    };

    public static TheoryData<bool> Both => [false, true];

    [Theory]
    [MemberData(nameof(Both))]
    public void Objects_SayWhatTheirKindsAskFor(bool secure)
    {
        var objects = Objects(secure);
        Assert.Equal(objects.Count, objects.DistinctBy(o => (Text(o["kind"]), Name(o))).Count());
        foreach (var o in objects)
        {
            var (version, required) = Kinds[Text(o["kind"])];
            Assert.Equal(version, Text(o["apiVersion"]));
            Assert.Matches("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", Name(o));
            Assert.All(required, path => Assert.True(At(o, path) is not null, $"{Name(o)}: {path}"));
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Selectors_FindPods_AndNamesFindWhatTheyName(bool secure)
    {
        var objects = Objects(secure);
        var workloads = objects.Where(o => At(o, "spec/template") is not null).ToList();
        foreach (var o in objects)
        {
            var selector = Text(o["kind"]) switch
            {
                "Service" => At(o, "spec/selector"),
                "NetworkPolicy" => At(o, "spec/podSelector/matchLabels"),
                "ConfigMap" or "HorizontalPodAutoscaler" => null,
                _ => At(o, "spec/selector/matchLabels"),
            };
            if (selector is not null)
            {
                var selected = Assert.Single(workloads, workload => selector.AsObject().All(label => Text(At(workload, "spec/template/metadata/labels")![label.Key]) == Text(label.Value)));
                var ports = Pod(selected)["containers"]![0]!["ports"]!.AsArray().Select(port => Text(port!["name"])).ToList();
                Assert.All(At(o, "spec/ports")?.AsArray() ?? [], port => Assert.Contains(Text(port!["targetPort"]), ports));
                Assert.All(At(o, "spec/ingress")?.AsArray().SelectMany(rule => rule!["ports"]!.AsArray()) ?? [], port => Assert.Contains(Text(port!["port"]), ports));
            }
        }

        Assert.All(OfKind(objects, "StatefulSet"), set => Assert.Equal("None", Text(At(Assert.Single(OfKind(objects, "Service"), s => Name(s) == Text(At(set, "spec/serviceName"))), "spec/clusterIP"))));
        Assert.All(OfKind(objects, "HorizontalPodAutoscaler"), scaler => Assert.Contains(OfKind(objects, "Deployment"), d => Name(d) == Text(At(scaler, "spec/scaleTargetRef/name"))));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Pods_MountWhatThereIs_AndReadVariablesThatThereAre(bool secure)
    {
        var objects = Objects(secure);
        var maps = OfKind(objects, "ConfigMap").ToDictionary(Name, map => map["data"]!.AsObject());
        foreach (var pod in objects.Where(o => At(o, "spec/template") is not null).Select(Pod))
        {
            var container = Assert.Single(pod["containers"]!.AsArray())!;
            var volumes = pod["volumes"]!.AsArray().ToDictionary(volume => Text(volume!["name"]), volume => volume!);
            foreach (var mount in container["volumeMounts"]!.AsArray())
            {
                var volume = volumes[Text(mount!["name"])];
                if (volume["configMap"]?["name"] is { } map)
                {
                    Assert.True(mount["subPath"] is not { } key || maps[Text(map)].ContainsKey(Text(key)));
                }
                else if (volume["secret"] is { } secret)
                {
                    Assert.Equal("zilla-stores", Text(secret["secretName"]));
                }
            }

            Assert.Equal(volumes.Keys.Order(StringComparer.Ordinal), container["volumeMounts"]!.AsArray().Select(mount => Text(mount!["name"])).Distinct().Order(StringComparer.Ordinal));
            var defined = new HashSet<string>(StringComparer.Ordinal);
            foreach (var variable in container["env"]!.AsArray())
            {
                // Kubernetes expands only what stands before.
                Assert.All(Expand.References(variable!["value"]?.GetValue<string>() ?? ""), name => Assert.Contains(name, defined));
                Assert.True(defined.Add(Text(variable["name"])), $"{variable["name"]} is there twice");
                if (At(variable, "valueFrom/configMapKeyRef") is { } reference)
                {
                    Assert.True(maps[Text(reference["name"])].ContainsKey(Text(reference["key"])));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Pods_AreProbedConfinedAndEndInTime(bool secure)
    {
        foreach (var workload in Objects(secure).Where(o => At(o, "spec/template") is not null))
        {
            var (pod, container) = (Pod(workload), Pod(workload)["containers"]![0]!);
            var ports = container["ports"]!.AsArray().Select(port => Text(port!["name"])).ToList();
            foreach (var (probe, path) in new[] { ("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz") })
            {
                Assert.Equal(path, Text(At(container, $"{probe}/httpGet/path")));
                Assert.Contains(Text(At(container, $"{probe}/httpGet/port")), ports);
            }

            Assert.True(At(pod, "securityContext/runAsNonRoot")!.GetValue<bool>());
            Assert.True(At(container, "securityContext/readOnlyRootFilesystem")!.GetValue<bool>());
            Assert.False(At(container, "securityContext/allowPrivilegeEscalation")!.GetValue<bool>());
            Assert.Contains(container["volumeMounts"]!.AsArray(), mount => Text(mount!["mountPath"]) == "/home/app");
            Assert.NotNull(At(container, "resources/requests/cpu"));
            Assert.NotNull(At(container, "resources/limits/memory"));
            Assert.Null(container["args"]);
            var shutdown = int.Parse(Variable(container, "DOTNET_shutdownTimeoutSeconds")!, System.Globalization.CultureInfo.InvariantCulture);
            var farewell = At(container, "lifecycle/preStop/sleep/seconds")?.GetValue<int>() ?? 0;
            Assert.True(pod["terminationGracePeriodSeconds"]!.GetValue<int>() > shutdown + farewell);
        }
    }

    [Fact]
    public void Quickstart_HasEdgesThatScale_CachesThatAreKnownOneByOne_AndOneControl()
    {
        var objects = Objects(secure: false);

        Assert.Equal(["edge-http"], OfKind(objects, "HorizontalPodAutoscaler").Select(Name));
        Assert.Equal(["kafka-cache"], OfKind(objects, "StatefulSet").Select(Name));
        Assert.Equal(["control", "edge-http"], OfKind(objects, "Deployment").Select(Name).Order(StringComparer.Ordinal));
        Assert.Equal(["edge-http", "kafka-cache"], OfKind(objects, "PodDisruptionBudget").Select(Name).Order(StringComparer.Ordinal));

        var edge = OfKind(objects, "Service").Single(s => Name(s) == "edge-http");
        Assert.Equal("""{"type":"LoadBalancer","selector":{"app.kubernetes.io/name":"edge-http","app.kubernetes.io/part-of":"zilla"},"ports":[{"name":"tcp-7114","port":7114,"targetPort":"tcp-7114"}]}""", edge["spec"]!.ToJsonString());
        var metrics = At(OfKind(objects, "HorizontalPodAutoscaler").Single(), "spec/metrics")!.AsArray();
        Assert.Equal(["Resource", "Pods"], metrics.Select(metric => Text(metric!["type"])));
        Assert.Equal("zilla_edge_connections", Text(At(metrics[1]!, "pods/metric/name")));

        var control = OfKind(objects, "Deployment").Single(d => Name(d) == "control");
        Assert.Equal(("Recreate", 1), (Text(At(control, "spec/strategy/type")), At(control, "spec/replicas")!.GetValue<int>()));
        var text = Text(OfKind(objects, "ConfigMap").Single(map => Name(map) == "zilla-config")["data"]!["zilla.yaml"]);
        Assert.Equal(File.ReadAllText(Path.Combine(Zilla.Testing.Repository.Root, "examples", "quickstart", "zilla.yaml")), text);
    }

    [Fact]
    public void Secrets_AreReferredTo_NeverWritten()
    {
        var objects = Objects(secure: true);
        var control = Pod(OfKind(objects, "Deployment").Single(d => Name(d) == "control"))["containers"]![0]!;
        var edge = Pod(OfKind(objects, "Deployment").Single(d => Name(d) == "edge-http"));

        Assert.Equal("""{"name":"KEYS_PASSWORD","valueFrom":{"secretKeyRef":{"name":"zilla-env","key":"KEYS_PASSWORD"}}}""",
            control["env"]!.AsArray().Single(v => Text(v!["name"]) == "KEYS_PASSWORD")!.ToJsonString());
        Assert.Equal("""{"name":"Zilla__ConfigToken","valueFrom":{"secretKeyRef":{"name":"zilla-env","key":"ZILLA_CONFIG_TOKEN","optional":true}}}""",
            control["env"]!.AsArray().Single(v => Text(v!["name"]) == "Zilla__ConfigToken")!.ToJsonString());
        Assert.Null(Variable(edge["containers"]![0]!, "KEYS_PASSWORD"));
        foreach (var workload in objects.Where(o => o["spec"]?["template"] is not null))
        {
            Assert.Equal("""{"name":"Zilla__Channel__Key","valueFrom":{"secretKeyRef":{"name":"zilla-env","key":"ZILLA_CHANNEL_KEY"}}}""",
                Pod(workload)["containers"]![0]!["env"]!.AsArray().Single(v => Text(v!["name"]) == "Zilla__Channel__Key")!.ToJsonString());
        }

        Assert.Equal(("/etc/zilla/tls/keys.p12", "tls__keys.p12"), edge["containers"]![0]!["volumeMounts"]!.AsArray().Where(m => Text(m!["name"]) == "stores").Select(m => (Text(m!["mountPath"]), Text(m["subPath"]))).Single());
        Assert.Equal("net.ipv4.ip_unprivileged_port_start", Text(At(edge, "securityContext/sysctls")![0]!["name"]));
        Assert.Equal("broker-1:9092,broker-2:9092", Text(OfKind(objects, "ConfigMap").Single(map => Name(map) == "zilla-settings")["data"]!["KAFKA_BOOTSTRAP_SERVER"]));
        Assert.Contains(edge["containers"]![0]!["ports"]!.AsArray(), port => (Text(port!["name"]), port["containerPort"]!.GetValue<int>()) == ("metrics-7190", 7190));
        var policy = OfKind(objects, "NetworkPolicy").Single(o => Name(o) == "edge-http");
        Assert.Equal([true, false], At(policy, "spec/ingress")!.AsArray().Select(rule => rule!["ports"]!.AsArray().Any(port => Text(port!["port"]) == "metrics-7190")));
        Assert.DoesNotContain("metrics", OfKind(objects, "Service").Single(o => Name(o) == "edge-http").ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["edge-http", "edge-mqtt"], OfKind(objects, "HorizontalPodAutoscaler").Select(Name).Order(StringComparer.Ordinal));
        Assert.Equal("""[{"name":"tcp-1883","port":1883,"targetPort":"tcp-1883"},{"name":"tcp-8883","port":8883,"targetPort":"tcp-8883"}]""", OfKind(objects, "Service").Single(s => Name(s) == "edge-mqtt")["spec"]!["ports"]!.ToJsonString());
        Assert.Equal(3, At(OfKind(objects, "HorizontalPodAutoscaler").Single(o => Name(o) == "edge-http"), "spec/minReplicas")!.GetValue<int>());
        Assert.Equal(4, At(OfKind(objects, "StatefulSet").Single(), "spec/replicas")!.GetValue<int>());
        Assert.Contains("kubectl create secret generic zilla-env --from-literal=KEYS_PASSWORD=… --from-literal=ZILLA_CHANNEL_KEY=…", published.SecureOutput, StringComparison.Ordinal);
        Assert.Contains("kubectl create secret generic zilla-stores --from-file=tls__keys.p12=", published.SecureOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_AreThoseThatTheProjectsBuild()
    {
        var images = PublishedFixture.Kustomization(published.QuickstartFolder)["images"]!.AsArray().Select(image => Text(image!["name"])).ToList();
        var projects = Directory.GetDirectories(Zilla.Testing.Repository.Root, "Zilla.*").SelectMany(folder => Directory.GetFiles(folder, "*.csproj"))
            .Select(System.Xml.Linq.XDocument.Load).Where(project => project.Descendants("ContainerRepository").Any()).ToList();
        var built = projects.Select(project => project.Descendants("ContainerRepository").Single().Value).ToList();

        // The user `app` of .NET's images, whom the pods run as.
        Assert.All(projects, project => Assert.Equal("1654", project.Descendants("ContainerUser").Single().Value));

        Assert.Empty(images.Except(built));
        Assert.Equal(images.Order(StringComparer.Ordinal), Objects(false).Where(o => At(o, "spec/template") is not null).Select(o => Text(Pod(o)["containers"]![0]!["image"])).Order(StringComparer.Ordinal));
    }

    private IReadOnlyList<JsonObject> Objects(bool secure) => PublishedFixture.Objects(secure ? published.SecureFolder : published.QuickstartFolder);

    private static IEnumerable<JsonObject> OfKind(IEnumerable<JsonObject> objects, string kind) => objects.Where(o => Text(o["kind"]) == kind);

    private static JsonNode Pod(JsonObject workload) => At(workload, "spec/template/spec")!;

    private static string? Variable(JsonNode container, string name) => container["env"]!.AsArray().SingleOrDefault(v => Text(v!["name"]) == name)?["value"]?.GetValue<string>();

    private static string Name(JsonObject o) => Text(At(o, "metadata/name"));

    private static JsonNode? At(JsonNode node, string path) => path.Split('/').Aggregate((JsonNode?)node, (at, name) => at?[name]);

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
