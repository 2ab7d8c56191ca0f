namespace Zilla.Control.Publishing;

/// <summary>Holds the publication that counts and wakes those who wait for another. One writer, any number of readers.</summary>
internal sealed class PublicationHolder
{
    private volatile Entry _entry = new(new Publication { Problem = "the configuration is still being read" });

    public Publication Current => _entry.Publication;

    /// <summary>The current publication and a task that completes when it is no longer current.</summary>
    public (Publication Publication, Task Replaced) Observe()
    {
        var entry = _entry;
        return (entry.Publication, entry.Replaced.Task);
    }

    public void Replace(Publication publication)
    {
        var before = _entry;
        _entry = new Entry(publication);
        before.Replaced.SetResult();
    }

    private sealed class Entry(Publication publication)
    {
        public Publication Publication => publication;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
