namespace Zilla.KafkaCache.Work;

/// <summary>Ids of calls that are nobody's any more, and whose end is still to come: their records are passed over. Ends that never come must not gather for ever: beyond the most, the oldest is forgotten.</summary>
/// <param name="most">So many.</param>
internal sealed class PassedCalls(int most)
{
    private readonly Dictionary<string, LinkedListNode<string>> _ids = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _inOrder = new();

    public bool Contains(string id) => _ids.ContainsKey(id);

    public void Add(string id)
    {
        if (_ids.ContainsKey(id))
        {
            return;
        }

        _ids.Add(id, _inOrder.AddLast(id));
        if (_ids.Count > most)
        {
            Remove(_inOrder.First!.Value);
        }
    }

    public void Remove(string id)
    {
        if (_ids.Remove(id, out var place))
        {
            _inOrder.Remove(place);
        }
    }
}
