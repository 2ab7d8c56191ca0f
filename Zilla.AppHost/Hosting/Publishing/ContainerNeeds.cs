namespace Zilla.AppHost.Hosting.Publishing;

/// <summary>What a container asks for and may take, to begin with: how much it will be depends on clients and topics.</summary>
/// <param name="Cpu">Millicores that it asks for.</param>
/// <param name="MemoryMiB">What it asks for.</param>
/// <param name="LimitMiB">What it may take. The cache fills a quarter of it with records.</param>
/// <param name="StateGiB">What its state may take of the node's disk. The cache keeps on disk what its memory cannot hold.</param>
internal sealed record ContainerNeeds(int Cpu, int MemoryMiB, int LimitMiB, int StateGiB)
{
    public static ContainerNeeds Of(ServiceRole role) => role switch
    {
        ServiceRole.Edge => new(250, 256, 1024, 1),
        ServiceRole.Replicated => new(500, 1024, 2048, 10),
        _ => new(100, 128, 512, 1),
    };
}
