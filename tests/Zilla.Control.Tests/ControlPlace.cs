using Zilla.Testing;

namespace Zilla.Control.Tests;

/// <summary>Where a test starts Control again and again: a folder with its configuration and its state, and its ports.</summary>
internal sealed class ControlPlace : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("zilla-control-").FullName;

    public int Http { get; } = FreePort.Next();

    public int Grpc { get; } = FreePort.Next();

    public string Config => Path.Combine(Folder, "zilla.yaml");

    public string State => Path.Combine(Folder, "state");

    public Task<ControlProcess> StartAsync(string? token = null) => ControlProcess.StartAsync(Config, Http, Grpc, State, token: token);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
