using System.Text;
using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Hosting;

/// <summary>The data directory, held against a second broker as long as this object lives (the lock goes with the process).</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
        ClusterId = ReadClusterId(System.IO.Path.Combine(path, "cluster-id"));
    }

    public string Path { get; }

    /// <summary>Made once for a data directory: clients notice when they reach another one.</summary>
    public string ClusterId { get; }

    /// <exception cref="BrokerStartException">Another process has the directory.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(full);
        try
        {
            return new DataFolder(full, new FileStream(System.IO.Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new BrokerStartException($"The data directory {full} is in use by another DevKafka; stop that one, or choose another with --data.", e);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string ReadClusterId(string path)
    {
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, Encoding.ASCII.GetBytes(Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_')));
        }

        return File.ReadAllText(path);
    }
}
