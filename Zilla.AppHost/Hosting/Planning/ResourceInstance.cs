using Zilla.AppHost.Hosting.Model;

namespace Zilla.AppHost.Hosting.Planning;

/// <summary>A port of one instance, its own for as long as the suite runs: a restarted instance is found where it was.</summary>
internal sealed record AllocatedEndpoint(string Name, EndpointKind Kind, int Port)
{
    /// <summary>Where others find it: on this machine <c>http://127.0.0.1:port</c>, or <c>tcp://…</c>.</summary>
    public string Url { get; init; } = Loopback(Kind, Port);

    /// <summary>Where it listens.</summary>
    public string ListenUrl { get; init; } = Loopback(Kind, Port);

    private static string Loopback(EndpointKind kind, int port) => $"{(kind == EndpointKind.Tcp ? "tcp" : "http")}://127.0.0.1:{port}";
}

/// <summary>A variable of a process; the value of a secret one is never shown.</summary>
internal sealed record EnvironmentVariable(string Name, string Value, bool IsSecret = false);

/// <summary>One process of the suite, planned.</summary>
internal sealed record ResourceInstance(ProcessResource Resource, int Index, IReadOnlyList<AllocatedEndpoint> Endpoints)
{
    /// <summary>Such as <c>kafka-cache-0</c>.</summary>
    public string Name { get; } = $"{Resource.Name}-{Index}";

    public IReadOnlyList<EnvironmentVariable> Environment { get; init; } = [];

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Absolute path of the program.</summary>
    public string Program => Resource switch
    {
        ProjectResource project => ProgramOf(project.Project),
        ExecutableResource executable => executable.Path,
        _ => throw new InvalidOperationException($"{Resource.Name} has no program."),
    };

    /// <summary>Where it is healthy, or null when running is all there is to know.</summary>
    public Uri? HealthAddress =>
        Resource.All<HttpHealthCheckAnnotation>().FirstOrDefault() is { } check && Endpoints.FirstOrDefault(e => e.Kind == EndpointKind.Http) is { } http
            ? new Uri(new Uri(http.Url), check.Path)
            : null;

    public AllocatedEndpoint Endpoint(string name) =>
        Endpoints.FirstOrDefault(e => e.Name == name) ?? throw new InvalidOperationException($"{Name} has no endpoint '{name}'.");

    private static string ProgramOf(IProjectMetadata project) => Path.ChangeExtension(project.AssemblyPath, OperatingSystem.IsWindows() ? ".exe" : null);
}
