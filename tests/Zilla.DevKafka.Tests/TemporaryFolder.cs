namespace Zilla.DevKafka.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("zilla-devkafka-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
