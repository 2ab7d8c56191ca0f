using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Publishing.Manifest;

/// <summary>The manifest of Aspire (schema aspire-8.0): services as projects, what is given from outside as parameters, edges alone open to the outside.</summary>
internal sealed class ManifestFile(Deployment deployment)
{
    private const string Schema = "https://json.schemastore.org/aspire-8.0.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="path">Where it will lie: paths of projects are relative to it.</param>
    public string Write(string path)
    {
        var resources = new JsonObject();
        var options = deployment.Model.Options;
        foreach (var resource in deployment.Model.Resources)
        {
            switch (resource)
            {
                case ExternalKafkaResource kafka when deployment.Placement.BootstrapServers(kafka) is not null:
                    resources.Add(kafka.Name, Parameter(kafka.Name, secret: false, options.Kafka));
                    break;
                case ParameterResource parameter:
                    var secret = !DeployedPlacement.NamesNoSecret(parameter.Value);
                    resources.Add(parameter.Name, Parameter(parameter.Name, secret, !secret && Workspace.IsWeb(parameter.Value) ? parameter.Value : null));
                    break;
            }
        }

        foreach (var name in deployment.Needs.Environment.Where(name => name != ConfigurationNeeds.BootstrapServer).Select(ManifestDialect.Parameter))
        {
            resources.Add(name, Parameter(name, secret: true, known: null));
        }

        resources.Add(ManifestDialect.ChannelKeyParameter, Input(ManifestDialect.ChannelKeyParameter, secret: true, new JsonObject { ["generate"] = new JsonObject { ["minLength"] = 32, ["special"] = false } }));
        foreach (var service in deployment.Services)
        {
            resources.Add(service.Name, Project(service, Path.GetDirectoryName(path)!));
        }

        return new JsonObject { ["$schema"] = Schema, ["resources"] = resources }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Parameter(string name, bool secret, string? known) =>
        Input(name, secret, known is null ? null : new JsonObject { ["value"] = known });

    /// <param name="name">Of the parameter.</param>
    /// <param name="secret">Whether it is to be hidden.</param>
    /// <param name="known">Its default; null: it has to be given.</param>
    private static JsonObject Input(string name, bool secret, JsonObject? known)
    {
        var input = new JsonObject { ["type"] = "string" };
        if (secret)
        {
            input["secret"] = true;
        }

        if (known is not null)
        {
            input["default"] = known;
        }

        return new JsonObject { ["type"] = "parameter.v0", ["value"] = $"{{{name}.inputs.value}}", ["inputs"] = new JsonObject { ["value"] = input } };
    }

    private JsonObject Project(DeployedService service, string folder)
    {
        var environment = new JsonObject();
        foreach (var variable in service.Instance.Environment)
        {
            environment.Add(variable.Name, variable.Value);
        }

        var project = new JsonObject
        {
            ["type"] = "project.v0",
            ["path"] = Path.GetRelativePath(folder, ((ProjectResource)service.Instance.Resource).Project.ProjectPath).Replace('\\', '/'),
            ["env"] = environment,
        };
        if (Bindings(service) is { Count: > 0 } bindings)
        {
            project["bindings"] = bindings;
        }

        return project;
    }

    /// <summary>An endpoint that no other service is told of has none: an edge's own one would only compete with its listeners for the one way in that a host may offer.</summary>
    private JsonObject Bindings(DeployedService service)
    {
        var bindings = new JsonObject();
        foreach (var endpoint in service.Instance.Endpoints.Where(_ => deployment.Placement.IsReferenced(service.Instance.Resource)))
        {
            bindings.Add(endpoint.Name, endpoint.Kind == EndpointKind.Grpc ? Binding("tcp", "tcp", endpoint.Port) : Binding("http", "http", endpoint.Port));
        }

        foreach (var (listener, port) in service.Listeners.Where(listener => !listener.Internal).SelectMany(listener => listener.Ports, (listener, port) => (listener, port)))
        {
            // What speaks TLS itself is bytes to everybody else.
            var binding = listener.Http ? Binding("http", "http", port) : Binding("tcp", "tcp", port);
            binding["external"] = true;
            bindings.Add(FormattableString.Invariant($"tcp-{port}"), binding);
        }

        return bindings;
    }

    private static JsonObject Binding(string scheme, string transport, int port) =>
        new() { ["scheme"] = scheme, ["protocol"] = "tcp", ["transport"] = transport, ["targetPort"] = port };
}
