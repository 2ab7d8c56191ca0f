using Google.Protobuf.WellKnownTypes;
using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>Our resources in the dashboard's terms.</summary>
internal static class ResourceMessages
{
    private const string Hidden = "••••••••";

    public static Wire.Resource ToMessage(ResourceSnapshot snapshot, ApplicationPlan plan)
    {
        var resource = snapshot.Resource;
        var message = new Wire.Resource
        {
            Name = snapshot.Name,
            DisplayName = resource.Name,
            Uid = snapshot.Name,
            ResourceType = TypeOf(resource),
            State = snapshot.State.ToString(),
            StateStyle = StyleOf(snapshot),
            CreatedAt = snapshot.CreatedAt.ToTimestamp(),
            StartedAt = snapshot.StartedAt?.ToTimestamp(),
            StoppedAt = snapshot.StoppedAt?.ToTimestamp(),
            IsHidden = snapshot.IsHidden,
            SupportsDetailedTelemetry = resource is ProjectResource,
        };
        if (resource.All<IconAnnotation>().LastOrDefault() is { } icon)
        {
            message.IconName = icon.Name;
        }

        message.Properties.AddRange(PropertiesOf(snapshot, plan));
        message.Environment.AddRange(EnvironmentOf(snapshot));
        message.Urls.AddRange(ResourceUrls.Of(snapshot));
        message.HealthReports.AddRange(snapshot.Health.Select(ToMessage));
        message.Relationships.AddRange(resource.All<RelationshipAnnotation>().Select(r => new Wire.ResourceRelationship { ResourceName = r.Resource.Name, Type = r.Type }));
        message.Commands.AddRange(ResourceCommands.Of(snapshot));
        return message;
    }

    public static string TypeOf(Resource resource) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        ParameterResource => "Parameter",
        _ => "ExternalService",
    };

    private static string StyleOf(ResourceSnapshot snapshot) => snapshot.State switch
    {
        ResourceState.Running => "success",
        ResourceState.FailedToStart or ResourceState.Exited => "error",
        _ => "info",
    };

    private static Wire.HealthReport ToMessage(HealthReport report)
    {
        var message = new Wire.HealthReport { Key = report.Name, Description = report.Description ?? "", LastRunAt = report.At?.ToTimestamp() };
        switch (report.Status)
        {
            case HealthStatus.Healthy:
                message.Status = Wire.HealthStatus.Healthy;
                break;
            case HealthStatus.Degraded:
                message.Status = Wire.HealthStatus.Degraded;
                break;
            case HealthStatus.Unhealthy:
                message.Status = Wire.HealthStatus.Unhealthy;
                break;
        }

        return message;
    }

    private static IEnumerable<Wire.EnvironmentVariable> EnvironmentOf(ResourceSnapshot snapshot) =>
        (snapshot.Instance?.Environment ?? []).Select(v => new Wire.EnvironmentVariable { Name = v.Name, Value = v.IsSecret ? Hidden : v.Value, IsFromSpec = true });

    private static IEnumerable<Wire.ResourceProperty> PropertiesOf(ResourceSnapshot snapshot, ApplicationPlan plan)
    {
        (string Name, string? Value)[] properties =
        [
            ("project.path", (snapshot.Resource as ProjectResource)?.Project.ProjectPath),
            ("executable.path", snapshot.Instance?.Program),
            ("executable.workDir", Path.GetDirectoryName(snapshot.Instance?.Program)),
            ("executable.pid", snapshot.ProcessId?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("resource.exitCode", snapshot.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("resource.connectionString", plan.BootstrapServers(snapshot.Resource)),
            ("Value", (snapshot.Resource as ParameterResource)?.Value),
        ];
        foreach (var (name, value) in properties.Where(p => p.Value is not null))
        {
            yield return new Wire.ResourceProperty { Name = name, Value = Value.ForString(value) };
        }

        if (snapshot.Instance is { Arguments.Count: > 0 } instance)
        {
            yield return new Wire.ResourceProperty { Name = "executable.args", Value = Value.ForList([.. instance.Arguments.Select(Value.ForString)]) };
        }
    }
}
