using System.Globalization;
using System.Text;
using Zilla.DevKafka.Log;

namespace Zilla.DevKafka.Producers;

/// <summary>Hands out producer ids, each once for the life of the data directory: a block is reserved on disk before its first id is given.</summary>
internal sealed class ProducerIds(string folder)
{
    private const int BlockSize = 1000;

    private readonly Lock _gate = new();
    private readonly string _path = Path.Combine(folder, "producer-ids");
    private long _next;
    private long _reserved;

    public long Next()
    {
        lock (_gate)
        {
            if (_next == _reserved)
            {
                _next = File.Exists(_path) ? long.Parse(File.ReadAllText(_path), NumberStyles.None, CultureInfo.InvariantCulture) : 1;
                AtomicFile.Write(_path, Encoding.ASCII.GetBytes((_next + BlockSize).ToString(CultureInfo.InvariantCulture)));
                _reserved = _next + BlockSize;
            }

            return _next++;
        }
    }
}
